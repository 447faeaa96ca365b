namespace Gradwright;

/// <summary>A kernel does not compile on a device. The message has the compiler's own words, with file and line, and the specialisation.</summary>
public sealed class KernelCompilationException : AcceleratorException
{
    internal KernelCompilationException(string accelerator, KernelSpec spec, string log, Exception? inner = null)
        : base($"{accelerator}: {spec} does not compile:\n{log}", inner) { }
}
