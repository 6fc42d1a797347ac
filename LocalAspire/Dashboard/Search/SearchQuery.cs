using System.Text.RegularExpressions;

namespace LocalAspire.Dashboard.Search;

/// <summary>
/// What a person looks for: words and conditions such as <c>order.id = 42</c>, <c>http.response.status_code &gt;= 500</c>,
/// <c>db.statement ~ insert</c>, <c>status != ok</c> or <c>"two words"</c>. A record must satisfy all of them.
/// </summary>
internal sealed partial class SearchQuery
{
    /// <summary>The query that everything satisfies.</summary>
    public static readonly SearchQuery Everything = new([]);

    private SearchQuery(IReadOnlyList<SearchTerm> terms) => Terms = terms;

    /// <summary>Words and conditions.</summary>
    public IReadOnlyList<SearchTerm> Terms { get; }

    /// <summary>Reads what was typed; everything can be read.</summary>
    public static SearchQuery Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return Everything;
        var terms = new List<SearchTerm>();
        foreach (Match match in Part().Matches(text))
        {
            var value = match.Groups["value"].Value;
            if (value is ['"', .., '"'])
                value = value[1..^1];
            terms.Add(new SearchTerm(match.Groups["key"].Success ? match.Groups["key"].Value : null, match.Groups["operator"].Value, value));
        }
        return new SearchQuery(terms);
    }

    [GeneratedRegex("""((?<key>[^\s=!<>~"]+)\s*(?<operator>!=|>=|<=|=|~|>|<)\s*)?(?<value>"[^"]*"|\S+)""")]
    private static partial Regex Part();
}
