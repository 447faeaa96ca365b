using Gradwright.Checking;
using Gradwright.Kernels;
using NUnit.Framework;

namespace Gradwright.Tests.Gpu;

/// <summary>What holds for every GPU, whatever the op: formulas, streams, threads, memory, compilation.</summary>
[TestFixtureSource(typeof(GpuDevices), nameof(GpuDevices.Names))]
public sealed class GpuAcceleratorTests(string device)
{
    private static IEnumerable<OpSample> Formulas => OpSamples.All.Where(s => s.Reference is not null && s.Operands.All(o => o.Values is null));

    [Test]
    public void Formulas_give_the_processors_bits()
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        foreach (OpSample sample in Formulas)
        {
            foreach (DType dtype in (DType[])[DType.Float32, DType.Float64])
            {
                using TensorScope scope = new();
                Tensor[] x = sample.MakeOperands(dtype);
                Tensor expected = sample.Op.Execute(x), actual = sample.Op.Execute([.. x.Select(t => t.To(gpu))]);
                Assert.That(HostValues.Of(actual), Is.EqualTo(HostValues.Of(expected)), $"{sample}, {dtype}");
            }
        }
    }

    [Test]
    public void Special_values_go_through_formulas_as_on_the_processor()
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        double[] special = [0, -0.0, 1, -1, 0.5, -0.5, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1e30, -1e30, 1e-30, -1e-30, 88.5, -104, 709, -745, 3e6, -3e6];
        foreach (Op op in Formulas.Where(s => s.Operands.Length == 1).Select(s => s.Op).Distinct())
        {
            using TensorScope scope = new();
            Tensor single = Tensor.From(Array.ConvertAll(special, v => (float)v)), twice = Tensor.From(special);
            foreach (Tensor x in (Tensor[])[single, twice])
            {
                double[] expected = HostValues.Of(op.Execute(x)), actual = HostValues.Of(op.Execute(x.To(gpu)));
                for (int i = 0; i < special.Length; i++)
                {
                    // Beyond the reduced range sine, cosine and tangent are the library's.
                    double slack = op.Name is "Sin" or "Cos" or "Tan" && Math.Abs(special[i]) > 1e6 ? 1e-5 * Math.Max(1, Math.Abs(expected[i])) : 0;
                    Assert.That(actual[i], slack > 0 && Math.Abs(special[i]) < 1e20 ? Is.EqualTo(expected[i]).Within(slack) : slack > 0 ? Is.Not.Null : Is.EqualTo(expected[i]), $"{op.Name}({special[i]}), {x.DType}");
                }
            }
        }
    }

    [Test]
    public void A_stream_waits_for_what_another_one_wrote()
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using GpuStream first = gpu.CreateStream(), second = gpu.CreateStream();
        using TensorScope scope = new();
        Tensor x = Tensor.Full([1 << 20], 1, accelerator: gpu);
        for (int round = 0; round < 3; round++)
        {
            Tensor y, z;
            using (first.Use())
            {
                y = x;
                for (int i = 0; i < 8; i++) y = y * 2 - 1;      // stays 1, but takes its time
                y += round;
            }

            using (second.Use()) z = y * 10;
            using (first.Use()) y.FillInPlace(-5);              // must wait for the reader
            Assert.That(z.ToArray<float>(), Is.All.EqualTo(10 * (1 + round)));
            Assert.That(y[^1].ToDouble(), Is.EqualTo(-5));
        }
    }

    [Test]
    public void Memory_that_one_stream_freed_is_not_overwritten_too_early_by_another()
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using GpuStream first = gpu.CreateStream(), second = gpu.CreateStream();
        for (int round = 0; round < 5; round++)
        {
            using Tensor x = Tensor.Full([1 << 20], round, accelerator: gpu);
            Tensor sum;
            using (first.Use())
            {
                using Tensor temporary = x * 3;
                using Tensor more = temporary * 2;
                sum = more + 1;
            }

            using (second.Use())
            {
                using Tensor reuse = Tensor.Full([1 << 20], -1000, accelerator: gpu);       // the blocks that were just freed
                using Tensor again = Tensor.Full([1 << 20], -1000, accelerator: gpu);
            }

            Assert.That(sum.ToArray<float>(), Is.All.EqualTo(6 * round + 1));
            sum.Dispose();
        }
    }

    [Test]
    public void Step_numbers_arrive_whole_however_far_the_host_is_ahead()
    {
        // More than a round of the ring, from two streams by turns; nothing is read back before the end.
        GpuAccelerator gpu = GpuDevices.Require(device);
        using TensorScope scope = new();
        using GpuStream other = gpu.CreateStream();
        Tensor[] uploads = new Tensor[10_000];
        for (int i = 0; i < uploads.Length; i++)
        {
            using GpuStream.Usage usage = (i % 3 == 0 ? other : gpu.DefaultStream).Use();
            uploads[i] = StepNumbers.Upload(gpu, (ulong)i, ulong.MaxValue - (ulong)i);
        }

        for (int i = 0; i < uploads.Length; i++) Assert.That(uploads[i].ToArray<long>(), Is.EqualTo(new[] { i, -1L - i }), $"upload {i}");
    }

    [Test]
    public void Several_threads_may_use_one_device()
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        double[] results = new double[8];
        Parallel.For(0, results.Length, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
        {
            using TensorScope scope = new();
            Tensor x = Tensor.Full([1000 + i], i, accelerator: gpu);
            for (int k = 0; k < 20; k++) x = (x + 1).Relu() - 1;
            results[i] = x[^1].ToDouble();
        });
        Assert.That(results, Is.EqualTo(Enumerable.Range(0, results.Length).Select(i => (double)i)));
    }

    [Test]
    public void A_steady_loop_allocates_nothing_on_the_device()
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using Tensor x = Tensor.Full([100_000], 2, accelerator: gpu);
        long before = 0;
        for (int i = 0; i < 20; i++)
        {
            using TensorScope scope = new();
            _ = (x * 2 + x).Exp() * x;
            if (i == 2) before = gpu.Pool.Statistics.SystemAllocations;
        }

        Assert.That(gpu.Pool.Statistics.SystemAllocations, Is.EqualTo(before));
    }

    [Test]
    public void More_memory_than_there_is_is_refused_with_what_to_do()
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        Assert.That(() => Tensor.Empty([1L << 45], accelerator: gpu), Throws.TypeOf<AcceleratorMemoryException>().With.Message.Contains(device).And.Message.Contains("smaller batch"));
        using Tensor x = Tensor.Ones([3], accelerator: gpu);
        Assert.That((x + 1).ToArray<float>(), Is.All.EqualTo(2));
    }

    [Test]
    public void Values_of_any_layout_come_back_and_go_out()
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using TensorScope scope = new();
        float[] values = [.. Enumerable.Range(0, 24).Select(i => (float)i)];
        Tensor x = Tensor.From(values, [2, 3, 4], gpu), turned = x.Permute(2, 0, 1)[TensorIndex.Every(2), TensorIndex.All, TensorIndex.Every(-1)];
        Tensor expected = Tensor.From(values, [2, 3, 4]).Permute(2, 0, 1)[TensorIndex.Every(2), TensorIndex.All, TensorIndex.Every(-1)];
        Assert.That(turned.ToArray<float>(), Is.EqualTo(expected.ToArray<float>()));
        turned.CopyFrom(Enumerable.Repeat(-1f, (int)turned.Count).ToArray());
        Assert.That(x.ToArray<float>().Count(v => v == -1), Is.EqualTo(turned.Count));
        turned.FillInPlace(77);
        Assert.That(x.ToArray<float>().Count(v => v == 77), Is.EqualTo(turned.Count));
        foreach (DType dtype in DTypes.All)
        {
            Tensor filled = Tensor.Full([5], 1, dtype, gpu);
            Assert.That(HostValues.Of(filled), Is.All.EqualTo(1), dtype.ToString());
        }
    }

    [Test]
    public void A_kernel_that_does_not_compile_is_shown_with_the_compilers_words()
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        KernelSpec broken = new(GpuSource.File("map.cu"), "map_dense", 64, ("REAL", "float"), ("OPERANDS", "1"), ("SCALAR", "0"), ("DENSE", "1"), ("VECTOR", "1"), ("TY", "float"), ("TA", "float"), ("F(a)", "(mistake(a))"));
        Assert.That(() => gpu.Kernel(broken), Throws.TypeOf<KernelCompilationException>().With.Message.Contains("map.cu: map_dense").And.Message.Contains("mistake").And.Message.Contains(device));
    }

    [Test]
    public void Gradients_cross_accelerators()
    {
        GpuAccelerator gpu = GpuDevices.Require(device);
        using TensorScope scope = new();
        Tensor w = Tensor.Parameter<float>([1, 2, 3], [3]);
        using (Tape tape = new())
        {
            Tensor y = (w.To(gpu) * 2).To(CpuAccelerator.Instance) * w;
            tape.Backward(y, Tensor.Ones([3]));
        }

        Assert.That(w.Grad!.ToArray<float>(), Is.EqualTo(new float[] { 4, 8, 12 }));
        Assert.That(w.Grad!.Accelerator, Is.SameAs(CpuAccelerator.Instance));
        w.Dispose();
    }
}
