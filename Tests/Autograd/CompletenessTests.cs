using System.Reflection;
using Gradwright.Checking;
using Gradwright.Kernels;
using NUnit.Framework;

namespace Gradwright.Tests.Autograd;

/// <summary>Nothing is forgotten: found by reflection over the assemblies.</summary>
public sealed class CompletenessTests
{
    private static readonly Type[] _kernelTypes = typeof(Op).Assembly.GetTypes();
    private static readonly HashSet<Type> _sampled = [.. OpSamples.All.Select(s => s.Op.GetType())];

    private static IEnumerable<Type> Ops => _kernelTypes.Where(t => t.IsSubclassOf(typeof(Op)) && !t.IsAbstract && !t.IsGenericTypeDefinition).Union(UsedGenericOps());

    private static IEnumerable<Type> Families => _kernelTypes.Where(t => t.IsSubclassOf(typeof(Op)) && !t.IsAbstract && t.IsGenericTypeDefinition);

    [Test]
    public void Every_op_has_a_sample()
        => Assert.That(Ops.Where(t => !_sampled.Contains(t)).Select(Describe), Is.Empty, "add a line to OpSamples");

    [Test]
    public void Every_kernel_struct_is_sampled_in_one_of_its_families()
    {
        foreach (Type family in Families)
        {
            Type contract = family.GetGenericArguments().Single().GetGenericParameterConstraints().Single(t => t.IsInterface);
            Type[] kernels = [.. _kernelTypes.Where(t => t.IsValueType && !t.IsNestedPrivate && t.IsAssignableTo(contract))];
            Assert.That(kernels, Is.Not.Empty, $"{Describe(family)} has no kernel");
            Type[] used = [.. _sampled.Where(t => t.IsConstructedGenericType).SelectMany(t => t.GetGenericArguments())];
            Assert.That(kernels.Except(used).Select(t => t.Name), Is.Empty, $"kernels of {contract.Name} without a sample");
        }
    }

    [Test]
    public void Every_op_has_a_derivative_or_is_listed_as_having_none()
    {
        Type[] known = [.. Vjp.Differentiable, .. Vjp.NonDifferentiable];
        Assert.That(Ops.Union(_sampled).Except(known).Select(Describe), Is.Empty, "add a derivative to Vjp, or a line to its non-differentiable ops");
        Assert.That(Vjp.Differentiable.Intersect(Vjp.NonDifferentiable).Select(Describe), Is.Empty, "ops in both lists");
    }

    [Test]
    public void Every_derivative_is_checked_on_a_sample()
    {
        Type[] differentiated = [.. OpSamples.All.Where(s => s.IsDifferentiable).Select(s => s.Op.GetType())];
        Assert.That(Vjp.Differentiable.Except(differentiated).Select(Describe), Is.Empty);
    }

    [Test]
    public void Every_op_has_a_name_of_its_own()
        => Assert.That(OpSamples.All.Select(s => s.Op).DistinctBy(op => op.GetType()).GroupBy(op => op.Name).Where(g => g.Count() > 1).Select(g => g.Key), Is.Empty);

    [Test]
    public void Tensor_has_no_member_that_makes_a_tensor_but_copies_and_conversions()
    {
        // An instance member would hide the extension member of the same name and leave the tape silently.
        string[] allowed = ["Parameter", "Empty", "Zeros", "Ones", "Full", "Scalar", "From", "Over", "get_Grad", "get_Item"];
        const BindingFlags Public = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        IEnumerable<string> makers = typeof(Tensor).GetMethods(Public).Where(m => Mentions(m.ReturnType)).Select(m => m.Name).Distinct();
        Assert.That(makers.Except(allowed), Is.Empty);
        Assert.That(typeof(Tensor).GetFields(Public), Is.Empty);
    }

    private static bool Mentions(Type type)
        => type == typeof(Tensor) || (type.HasElementType && Mentions(type.GetElementType()!)) || (type.IsGenericType && type.GetGenericArguments().Any(Mentions));

    /// <summary>Closed ops that the code of Gradwright.Autograd names: what the operators run and the table differentiates.</summary>
    private static HashSet<Type> UsedGenericOps()
    {
        const int TypeSpecification = 0x1B000000;
        HashSet<Type> used = [];
        for (int row = 1; ; row++)
        {
            try
            {
                Type type = typeof(Tape).Module.ResolveType(TypeSpecification + row);
                if (type.IsSubclassOf(typeof(Op)) && !type.ContainsGenericParameters) used.Add(type);
            }
            catch (ArgumentOutOfRangeException)
            {
                Assert.That(used, Does.Contain(typeof(BinaryScalar<Add>)));
                return used;
            }
            catch (Exception e) when (e is ArgumentException or BadImageFormatException)
            {
                // Mentions a type parameter of the code around it.
            }
        }
    }

    private static string Describe(Type type)
        => type.IsGenericType ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(t => t.Name))}>" : type.Name;
}
