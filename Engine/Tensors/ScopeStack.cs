namespace Gradwright;

/// <summary>
/// A thread's open scopes: one list of tensors, cut into scopes by marks, so that opening a scope costs nothing and closing
/// one only walks its own tensors.
/// </summary>
internal sealed class ScopeStack
{
    [ThreadStatic] private static ScopeStack? _current;

    private Tensor?[] _tensors = new Tensor?[64];
    private Level[] _levels = new Level[16];
    private int _count, _depth;

    private struct Level
    {
        public int Mark;
        public bool Suspended;
        public TensorScope? Scope;
    }

    public static ScopeStack Current => _current ??= new();

    /// <summary>Number of open scopes; 0 means that new tensors belong to their maker.</summary>
    public int Depth => _depth;

    public int Push(TensorScope? scope = null)
    {
        if (_depth + 1 >= _levels.Length) Array.Resize(ref _levels, 2 * _levels.Length);
        _levels[++_depth] = new() { Mark = _count, Scope = scope };
        return _depth;
    }

    public int PushSuspended()
    {
        int depth = Push();
        _levels[depth].Suspended = true;
        return depth;
    }

    /// <summary>Registers a new tensor with the innermost scope.</summary>
    /// <returns>False when the tensor belongs to its maker.</returns>
    public bool Add(Tensor tensor)
    {
        if (_depth == 0 || _levels[_depth].Suspended) return false;
        if (_count == _tensors.Length) Array.Resize(ref _tensors, 2 * _count);
        (tensor.ScopeStack, tensor.ScopeSlot, tensor.ScopeDepth) = (this, _count, _depth);
        _tensors[_count++] = tensor;
        return true;
    }

    /// <summary>Forgets a tensor that is freed early or leaves for good.</summary>
    public void Remove(Tensor tensor)
    {
        int slot = tensor.ScopeSlot;
        if (slot < 0) return;
        tensor.ScopeSlot = -1;
        _tensors[slot] = null;
        if (slot != _count - 1) return;
        int mark = _levels[_depth].Mark;
        while (_count > mark && _tensors[_count - 1] is null) _count--;
    }

    /// <summary>Marks a tensor of the innermost scope as belonging to the one around it.</summary>
    public void Keep(Tensor tensor)
    {
        if (tensor.ScopeSlot >= 0 && tensor.ScopeStack == this && tensor.ScopeDepth == _depth) tensor.ScopeDepth--;
    }

    /// <summary>Closes the innermost scope, handing all its tensors to the one around it.</summary>
    public void PopKeepingAll(int depth)
    {
        if (depth != _depth) Pop(depth + 1);
        for (int i = _levels[depth].Mark; i < _count; i++)
            if (_tensors[i] is { } tensor) tensor.ScopeDepth = Math.Min(tensor.ScopeDepth, depth - 1);
        Pop(depth);
    }

    /// <summary>Closes every scope down to and including <paramref name="depth"/>.</summary>
    public void Pop(int depth)
    {
        while (_depth >= depth) CloseInnermost();
    }

    private void CloseInnermost()
    {
        ref Level level = ref _levels[_depth];
        level.Scope?.Close();
        int write = level.Mark, end = _count;
        level = default;
        _depth--;
        bool outerTakes = _depth > 0 && !_levels[_depth].Suspended;
        for (int read = write; read < end; read++)
        {
            Tensor? tensor = _tensors[read];
            if (tensor is null) continue;
            _tensors[read] = null;
            if (tensor.ScopeDepth <= _depth && outerTakes)
            {
                tensor.ScopeSlot = write;
                _tensors[write++] = tensor;
                continue;
            }

            tensor.ScopeSlot = -1;
            if (tensor.ScopeDepth <= _depth) tensor.Guard();
            else tensor.Free();
        }

        _count = write;
    }
}
