using System.Diagnostics;
using System.Text;
using Cluster.Engine.Errors;
using Cluster.Engine.Guardrails;
using Cluster.Engine.Messages;
using Cluster.Engine.Runs;
using Cluster.Engine.Tests.Testing;

namespace Cluster.Engine.Tests.Guardrails;

public sealed class PiiDetectionTests
{
    [Theory]
    [InlineData("write to bob@example.com.", "Email", "write to ***************.")]
    [InlineData("jörg.o'neil+x@büro.example.co.uk", "Email", "********************************")]
    [InlineData("call +49 (30) 901820 today", "Phone", "call *************** today")]
    [InlineData("call 555-123-4567", "Phone", "call ************")]
    [InlineData("(555) 123-4567", "Phone", "**************")]
    [InlineData("5551234567", "Phone", "**********")]
    [InlineData("my card 4111 1111 1111 1111, thanks", "Credit Card", "my card *******************, thanks")]
    [InlineData("4111111111111111", "Credit Card", "****************")]
    [InlineData("3782-822463-10005", "Credit Card", "*****************")]
    [InlineData("no 7 4111 1111 1111 1111 12", "Credit Card", "no 7 ******************* 12")]
    [InlineData("IBAN DE89 3704 0044 0532 0130 00 please", "IBAN", "IBAN *************************** please")]
    [InlineData("gb29NWBK60161331926819", "IBAN", "**********************")]
    [InlineData("ssn 123-45-6789", "SSN", "ssn ***********")]
    public void What_is_found_is_masked_letter_by_letter(string text, string kind, string masked)
    {
        var screened = new PiiDetection().Screen(Input(text));

        Assert.Equal(masked, screened.Input.InputContent.Text);
        Assert.Equal($$"""{"detected_pii":["{{kind}}"]}""", screened.Refusal!.AdditionalData!.Value.GetRawText());
        Assert.Equal("pii_detected", screened.Refusal.Trigger);
    }

    [Theory]
    [InlineData("4111 1111 1111 1112")]
    [InlineData("DE88 AAAA 0044 0532 0130 00")]
    [InlineData("npm install react@18.2.0")]
    [InlineData("on 2026-11-20 at 17:10 we sold 12,345,678 for 1.5e3")]
    [InlineData("id 0d9f2a1c-6b7e-4f00-9c3d-ffffffffffff")]
    [InlineData("@everyone")]
    [InlineData("")]
    public void What_is_no_personal_data_passes_as_it_is(string text)
    {
        var input = Input(text);

        var screened = new PiiDetection().Screen(input);

        Assert.Null(screened.Refusal);
        Assert.Same(input, screened.Input);
    }

    [Fact]
    public void Masking_refuses_nothing()
    {
        var screened = new PiiDetection { MaskPii = true }.Screen(Input("a@b.io and c@d.io"));

        Assert.Null(screened.Refusal);
        Assert.Equal("****** and ******", screened.Input.InputContent.Text);
    }

    [Fact]
    public void Lists_objects_numbers_and_names_of_members_are_screened()
    {
        var input = new RunInput { InputContent = new ContentValue(null, Builders.Json("""{"to":["a@b.io",{"card":4111111111111111,"n":1.50}],"c@d.io":"\ud800"}""")) };

        var screened = new PiiDetection { MaskPii = true }.Screen(input);

        Assert.Equal("""{"to":["******",{"card":"****************","n":1.50}],"******":"\ud800"}""", screened.Input.InputContent.Json!.Value.GetRawText());
    }

    [Fact]
    public void Files_that_hold_text_are_screened_and_others_are_left_alone()
    {
        var binary = Convert.ToBase64String([0xff, 0xfe, 0x00]);
        var input = Input("see files") with
        {
            Files =
            [
                new Media { Filename = "a@b.io.txt", MimeType = "text/plain", Content = "x a@b.io y" },
                new Media { Filename = "b.json", MimeType = "application/json", Content = Convert.ToBase64String(Encoding.UTF8.GetBytes("""{"to":"a@b.io"}""")) },
                new Media { Filename = "c.pdf", MimeType = "application/pdf", Content = binary },
            ],
        };

        var files = new PiiDetection { MaskPii = true }.Screen(input).Input.Files!.Value;

        Assert.Equal(("**********", "x ****** y"), (files[0].Filename, files[0].Content!.Text));
        Assert.Equal("""{"to":"******"}""", Encoding.UTF8.GetString(Convert.FromBase64String(files[1].Content!.Text!)));
        Assert.Equal(binary, files[2].Content!.Text);
    }

    [Fact]
    public void Own_patterns_are_looked_for_and_others_can_be_left_out()
    {
        var guardrail = new PiiDetection { Patterns = [PiiPattern.Email, PiiPattern.Create("Employee", @"\bE-\d{5}\b")] };

        var screened = guardrail.Screen(Input("E-12345 has 555-123-4567"));

        Assert.Equal("******* has 555-123-4567", screened.Input.InputContent.Text);
        Assert.Equal("""{"detected_pii":["Employee"]}""", screened.Refusal!.AdditionalData!.Value.GetRawText());
    }

    [Theory]
    [InlineData(@"(a)\1")]
    [InlineData("(?<=a)b")]
    [InlineData("(")]
    public void A_pattern_that_could_stall_a_run_is_refused(string expression) =>
        Assert.Throws<InvalidRequestException>(() => PiiPattern.Create("mine", expression));

    [Theory]
    [InlineData("a")]
    [InlineData("1")]
    [InlineData("1 ")]
    [InlineData("a.")]
    [InlineData("+1 (")]
    [InlineData("DE89 ")]
    public void A_long_text_made_to_be_slow_is_not(string piece)
    {
        var text = string.Concat(Enumerable.Repeat(piece, 300_000 / piece.Length));
        var watch = Stopwatch.StartNew();

        new PiiDetection().Screen(Input(text));

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"It took {watch.Elapsed}.");
    }

    private static RunInput Input(string text) => new() { InputContent = text };
}
