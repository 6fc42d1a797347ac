using System.Buffers.Text;
using System.ComponentModel.DataAnnotations;

namespace Shop.ServiceDefaults;

/// <summary>One page of a list, newest first.</summary>
/// <param name="Items">At most as many as were asked for.</param>
/// <param name="NextCursor">What to pass as <c>cursor</c> for the next page; null at the end.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor);

/// <summary>Which page of a list is asked for. Lists are ordered by their UUIDv7 keys, newest first.</summary>
public sealed class PageRequest : IValidatableObject
{
    private const int DefaultPageSize = 20;

    /// <summary>How many items at most, 1 to 100; 20 where not given.</summary>
    [Range(1, 100)]
    public int? PageSize { get; init; }

    /// <summary>Where the last page ended, as it said itself.</summary>
    public string? Cursor { get; init; }

    /// <summary>How many items to look for: one more than the page holds, which tells that there is a next page.</summary>
    public int Take => (PageSize ?? DefaultPageSize) + 1;

    /// <summary>Items older than this key are asked for.</summary>
    public Guid Before => TryDecode(Cursor, out var key) ? key : Guid.AllBitsSet;

    /// <summary>Makes a page of up to <see cref="Take"/> items.</summary>
    public Page<T> ToPage<T>(IReadOnlyList<T> items, Func<T, Guid> key) =>
        items.Count < Take
            ? new Page<T>(items, null)
            : new Page<T>([.. items.Take(Take - 1)], Base64Url.EncodeToString(key(items[Take - 2]).ToByteArray(bigEndian: true)));

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Cursor is not null && !TryDecode(Cursor, out _))
            yield return new ValidationResult("The cursor is not one that a page gave.", [nameof(Cursor)]);
    }

    private static bool TryDecode(string? cursor, out Guid key)
    {
        Span<byte> bytes = stackalloc byte[16];
        key = default;
        if (cursor is not { Length: 22 } || !Base64Url.IsValid(cursor) || !Base64Url.TryDecodeFromChars(cursor, bytes, out var length) || length != 16)
            return false;
        key = new Guid(bytes, bigEndian: true);
        return true;
    }
}
