namespace LocalAspire.Tests;

/// <summary>What is found wrong before anything is started, and what is generated at build.</summary>
public sealed class ModelTests
{
    private readonly IDistributedApplicationTestingBuilder _builder = DistributedApplicationTestingBuilder.Create();

    [Theory]
    [InlineData("")]
    [InlineData("1st")]
    [InlineData("a_b")]
    [InlineData("a--b")]
    [InlineData("a-")]
    public void Resource_NameIsNoName_IsRefused(string name) =>
        Assert.Contains("starts with a letter", Assert.Throws<ArgumentException>(() => _builder.AddParameter(name)).Message);

    [Fact]
    public void Resource_NameTakenInOtherCase_IsRefused()
    {
        _builder.AddParameter("orders", "1");

        var refused = Assert.Throws<DistributedApplicationException>(() => _builder.AddPostgres("Orders"));

        Assert.Contains("'ParameterResource' with that name already", refused.Message);
    }

    [Fact]
    public void Endpoint_NameTaken_IsRefused()
    {
        var echo = _builder.AddProject<Projects.Echo>("echo");

        var refused = Assert.Throws<DistributedApplicationException>(() => echo.WithHttpEndpoint(port: 8080));

        Assert.Contains("Endpoint with name 'http' already exists on 'echo'", refused.Message);
    }

    [Fact]
    public async Task Start_ResourcesWaitForEachOther_NamesTheCycle()
    {
        var a = Program("a");
        var b = Program("b").WaitFor(a);
        var c = Program("c").WaitForStart(b);
        a.WaitForCompletion(c);

        Assert.Contains("a → c → b → a", await FailureAsync());
    }

    [Fact]
    public async Task Start_ParametersMissing_ListsThemAll()
    {
        _builder.AddParameter("first");
        _builder.AddParameter("second-key", secret: true);
        _builder.AddParameter("third", "has a value");

        var failure = await FailureAsync();

        Assert.Contains("'first'", failure);
        Assert.Contains("Parameters__second_key", failure);
        Assert.DoesNotContain("third", failure);
    }

    [Fact]
    public async Task Start_ReplicasWithFixedTargetPort_IsRefused()
    {
        _builder.AddProject<Projects.Echo>("echo").WithReplicas(2).WithEndpoint("http", endpoint => endpoint.TargetPort = 5000);

        Assert.Contains("'echo' has 2 replicas", await FailureAsync());
    }

    [Fact]
    public void Parameter_ConfiguredWithUnderscore_WinsOverDefault()
    {
        var builder = DistributedApplicationTestingBuilder.Create("--Parameters:admin_password=given");

        var parameter = builder.AddParameter("admin-password", new GenerateParameterDefault { MinLength = 16 }, secret: true, persist: true);

        Assert.Equal("given", parameter.Resource.Value);
    }

    [Fact]
    public void Parameter_Generated_StaysTheSameAndKeepsItsRules()
    {
        var parameter = _builder.AddParameter("key", new GenerateParameterDefault { MinLength = 12, Special = false, MinNumeric = 3 });

        Assert.Equal(parameter.Resource.Value, parameter.Resource.Value);
        Assert.Equal(12, parameter.Resource.Value.Length);
        Assert.True(parameter.Resource.Value.Count(char.IsAsciiDigit) >= 3);
        Assert.All(parameter.Resource.Value, c => Assert.True(char.IsAsciiLetterOrDigit(c)));
    }

    [Fact]
    public void Projects_ReferencedByAppHost_AreGenerated()
    {
        Assert.EndsWith("/Apps/Echo/Echo.csproj", new Projects.Echo().ProjectPath);
        Assert.True(File.Exists(new Projects.Echo().AssemblyPath));
        Assert.EndsWith("/Dotted.Name.Job.dll", new Projects.Dotted_Name_Job().AssemblyPath);
        Assert.EndsWith("/Apps/Test.AppHost", Projects.Test_AppHost.ProjectPath);
        Assert.Empty(typeof(Projects.Test_AppHost).GetConstructors());
    }

    [Fact]
    public async Task ReferenceExpression_WithUriFormat_EscapesValues()
    {
        var password = _builder.AddParameter("password", "p@ss/word", secret: true);

        var url = ReferenceExpression.Create($"amqp://{{guest}}:{password:uri}@host{"/"}{password}");

        Assert.Equal("amqp://{guest}:p%40ss%2Fword@host/p@ss/word", await url.GetValueAsync(TestApplication.Limit));
    }

    private IResourceBuilder<ExecutableResource> Program(string name) => _builder.AddExecutable(name, "true", ".");

    private async Task<string> FailureAsync()
    {
        await using var app = await _builder.BuildAsync(TestApplication.Limit);
        return (await Assert.ThrowsAsync<DistributedApplicationException>(() => app.StartAsync(TestApplication.Limit))).Message;
    }
}
