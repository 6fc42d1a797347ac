using System.Text.Json.Nodes;
using Shop.Gateway.Versions;

namespace Shop.Tests.Gateway;

public sealed class UserVersion1TransformsTests
{
    private const string User = """{"id": "1", "name": "Ann", "email": "ann@example.com", "phone": null, "roles": ["customer"], "createdAt": "2026"}""";

    private const string Version1 = """{"userId":"1","fullName":"Ann","emailAddress":"ann@example.com","phone":null,"createdAt":"2026"}""";

    [Fact]
    public void ToVersion1_OneUser_SpeaksVersion1() =>
        Assert.Equal(Version1, UserVersion1Transforms.ToVersion1(JsonNode.Parse(User))?.ToJsonString());

    [Fact]
    public void ToVersion1_PageOfUsers_TranslatesEach() =>
        Assert.Equal(
            $$"""{"items":[{{Version1}},{{Version1}}],"nextCursor":"next"}""",
            UserVersion1Transforms.ToVersion1(JsonNode.Parse($$"""{"items": [{{User}}, {{User}}], "nextCursor": "next"}"""))?.ToJsonString());
}
