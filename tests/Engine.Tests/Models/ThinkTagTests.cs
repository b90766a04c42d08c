using Cluster.Engine.Models;
using Cluster.Engine.Tests.Testing;
using Microsoft.Extensions.AI;

namespace Cluster.Engine.Tests.Models;

public sealed class ThinkTagTests
{
    [Theory]
    [InlineData("<think>hm</think>\n\nyes", "hm", "yes")]
    [InlineData("\n<Thinking>a < b </think</THINKING>yes <think>no</think>", "a < b </think", "yes <think>no</think>")]
    [InlineData("<think></think>yes", "", "yes")]
    [InlineData("<think>a</think>\n<think>b</think>c", "ab", "c")]
    [InlineData("yes, <think> is a tag", "", "yes, <think> is a tag")]
    [InlineData(" <thin ice", "", " <thin ice")]
    [InlineData("<thin", "", "<thin")]
    [InlineData("<think>cut off </thi", "cut off </thi", "")]
    [InlineData("  ", "", "  ")]
    public async Task Thoughts_and_answer_are_told_apart_wherever_the_text_is_cut(string text, string thought, string answer)
    {
        for (var first = 0; first <= text.Length; first++)
        {
            for (var second = first; second <= text.Length; second++)
            {
                var updates = await AskAsync([text[..first], text[first..second], text[second..]]);

                Assert.Equal((thought, answer), (
                    string.Concat(updates.SelectMany(update => update.Contents.OfType<TextReasoningContent>()).Select(content => content.Text)),
                    string.Concat(updates.SelectMany(update => update.Contents.OfType<TextContent>()).Select(content => content.Text))));
            }
        }
    }

    [Theory]
    [InlineData("hm</think>yes", "hm", "yes")]
    [InlineData("hm\n</thinking>\n\nyes </think>", "hm\n", "yes </think>")]
    [InlineData("</THINK>yes", "", "yes")]
    [InlineData("hm</think><think>more</think>yes", "hmmore", "yes")]
    [InlineData("a `</think>` is a tag", "", "a `</think>` is a tag")]
    [InlineData("a < b </thin", "", "a < b </thin")]
    public async Task A_closing_tag_alone_makes_thought_of_what_stands_before_it(string text, string thought, string answer)
    {
        for (var first = 0; first <= text.Length; first++)
        {
            for (var second = first; second <= text.Length; second++)
            {
                using var model = new ChannelChatClient().Answer(call => call.Say(text[..first], text[first..second], text[second..]).End());
                using var client = new ThinkTagChatClient(model);

                var message = (await client.GetResponseAsync("hi", cancellationToken: Patience.Token)).Messages.Single();

                Assert.Equal((thought, answer), (string.Concat(message.Contents.OfType<TextReasoningContent>().Select(content => content.Text)), message.Text));
            }
        }
    }

    [Fact]
    public async Task A_tool_call_ends_what_was_held_back()
    {
        var model = new ChannelChatClient().Answer(call => call.Say("<th").Use("look").End());

        var contents = (await AskAsync(model)).SelectMany(update => update.Contents);

        Assert.Equal(["<th", "look"], contents.Select(content => content is TextContent text ? text.Text : ((FunctionCallContent)content).Name));
    }

    private static Task<List<ChatResponseUpdate>> AskAsync(string[] pieces) => AskAsync(new ChannelChatClient().Answer(call => call.Say(pieces).End()));

    private static async Task<List<ChatResponseUpdate>> AskAsync(ChannelChatClient model)
    {
        using var client = new ThinkTagChatClient(model);
        return await client.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, "hi")], cancellationToken: Patience.Token).ToListAsync(Patience.Token);
    }
}
