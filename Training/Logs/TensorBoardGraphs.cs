using Gradwright.Layers;

namespace Gradwright.Training;

/// <summary>Models for TensorBoard.</summary>
public static class TensorBoardGraphs
{
    extension(TensorBoardWriter writer)
    {
        /// <summary>Shows what a model computes, op by op and each in its module. It is run once, in evaluation mode and unrecorded.</summary>
        /// <param name="model">The model.</param>
        /// <param name="sample">An input.</param>
        public void AddGraph(Module<Tensor, Tensor> model, Tensor sample)
            => writer.AddGraph([.. ModelGraph.Of(model, sample).Nodes.Select(node => new EventGraphNode(node.Name, node.Op, node.Inputs, node.Output, node.Layer))]);
    }
}
