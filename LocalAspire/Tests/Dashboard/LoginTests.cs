using System.Net;
using LocalAspire.Dashboard;

namespace LocalAspire.Tests.Dashboard;

public class LoginTests(RunningDashboard dashboard) : IClassFixture<RunningDashboard>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/")]
    [InlineData("/traces")]
    [InlineData("/_blazor/negotiate")]
    public async Task Page_WithoutLogin_LeadsToTheLogin(string page)
    {
        using var browser = Browser();
        using var answer = await browser.GetAsync(page, Stop);

        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.StartsWith("/login", answer.Headers.Location!.AbsolutePath);
    }

    [Fact]
    public async Task Login_WithTheTokenOfTheLink_OpensThePages()
    {
        using var browser = Browser();
        using var login = await browser.GetAsync($"/login?t={RunningDashboard.Token}&returnUrl=/logs", Stop);
        using var page = await browser.GetAsync("/logs", Stop);

        Assert.Equal("/logs", login.Headers.Location!.AbsolutePath);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    [Fact]
    public async Task Page_ThatThereIsNot_IsAPageThatSaysSo()
    {
        using var browser = Browser();
        using var login = await browser.GetAsync($"/login?t={RunningDashboard.Token}", Stop);
        using var page = await browser.GetAsync("/nowhere", Stop);

        Assert.Equal(HttpStatusCode.NotFound, page.StatusCode);
        Assert.Contains("_framework/blazor.web", await page.Content.ReadAsStringAsync(Stop));
    }

    [Theory]
    [InlineData("/login?t=wrong")]
    [InlineData("/login?t=")]
    [InlineData("/login?t=the-token-of-these-test")]
    public async Task Login_WithAWrongToken_IsRefused(string link)
    {
        using var browser = Browser();
        using var login = await browser.GetAsync(link, Stop);
        using var page = await browser.GetAsync("/traces", Stop);

        Assert.Equal(HttpStatusCode.Unauthorized, login.StatusCode);
        Assert.Contains("This token is wrong", await login.Content.ReadAsStringAsync(Stop));
        Assert.Equal(HttpStatusCode.Redirect, page.StatusCode);
    }

    [Theory]
    [InlineData("https://elsewhere.example/")]
    [InlineData("//elsewhere.example/")]
    [InlineData("/\\elsewhere.example/")]
    public async Task Login_ThatWouldLeadElsewhere_LeadsToTheStart(string target)
    {
        using var browser = Browser();
        using var login = await browser.GetAsync($"/login?t={RunningDashboard.Token}&returnUrl={Uri.EscapeDataString(target)}", Stop);

        Assert.Equal("/", new Uri(dashboard.Url, login.Headers.Location!).PathAndQuery);
        Assert.Equal(dashboard.Url.Authority, new Uri(dashboard.Url, login.Headers.Location!).Authority);
    }

    [Fact]
    public void Options_ThatAreWrong_AreAllNamedAtOnce()
    {
        var errors = new StringWriter();

        Assert.Null(DashboardApplication.Create(
            ["--Dashboard:Url=nowhere", "--Dashboard:ApiKey=short", "--Dashboard:MaxSpans=3", "--Dashboard:OtlpHttpUrl=ftp://localhost"], errors));

        Assert.All(["Dashboard:Url", "Dashboard:ApiKey", "Dashboard:MaxSpans", "Dashboard:OtlpHttpUrl"], name => Assert.Contains(name, errors.ToString()));
    }

    private HttpClient Browser() =>
        new(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = dashboard.Url };
}
