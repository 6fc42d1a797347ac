using System.ComponentModel.DataAnnotations;
using Shop.ServiceDefaults;

namespace Shop.Tests.ServiceDefaults;

public sealed class PageRequestTests
{
    private static readonly Guid[] Keys = [.. Enumerable.Range(1, 3).Select(n => new Guid(n, 0, 0, new byte[8]))];

    [Fact]
    public void ToPage_OneItemTooMany_GivesACursorToTheLastOneShown()
    {
        var page = new PageRequest { PageSize = 2 }.ToPage(Keys, key => key);

        Assert.Equal(Keys[..2], page.Items);
        Assert.Equal(Keys[1], new PageRequest { Cursor = page.NextCursor }.Before);
    }

    [Fact]
    public void ToPage_AllItemsFit_GivesNoCursor() => Assert.Null(new PageRequest { PageSize = 3 }.ToPage(Keys, key => key).NextCursor);

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("!!!!!!!!!!!!!!!!!!!!!!")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAA")]
    public void Validate_CursorThatNoPageGave_NamesIt(string cursor)
    {
        var page = new PageRequest { Cursor = cursor };

        var error = Assert.Single(page.Validate(new ValidationContext(page)));
        Assert.Equal([nameof(PageRequest.Cursor)], error.MemberNames);
    }
}
