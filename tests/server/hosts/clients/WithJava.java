import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Base64;

/** A client with a real address in its code: the HttpClient of Java. */
class WithJava {
    public static void main(String[] words) throws Exception {
        var secrets = Base64.getEncoder().encodeToString("4321:0123456789abcdef0123456789abcdef01234567".getBytes());
        var leads = HttpRequest.newBuilder(URI.create("https://api.apimo.pro/agencies/101/leads?limit=2"));
        var client = HttpClient.newHttpClient();
        var answer = client.send(leads.header("Authorization", "Basic " + secrets).build(), BodyHandlers.ofString());
        System.out.println("leads " + (answer.body().split("\"reference\"").length - 1));
        try {
            var other = HttpRequest.newBuilder(URI.create(words[0])).build();
            System.out.println("other " + client.send(other, BodyHandlers.ofString()).statusCode());
        } catch (IOException error) {
            System.out.println("refused " + error.getMessage());
        }
    }
}
