import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Makes calls with Java's own client as it is by default, which offers h2c with each of them. A line of the file of calls
 * is a number, a method, an address, and headers, parted by tabs; `number.in` has the body. The body of the answer is
 * written to `number.out`, number and status to standard output.
 */
public class DefaultClient {
    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        HttpClient client = HttpClient.newHttpClient();
        for (String line : Files.readAllLines(folder.resolve("calls"))) {
            String[] parts = line.split("\t");
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(parts[2]));
            byte[] body = Files.readAllBytes(folder.resolve(parts[0] + ".in"));
            request.method(parts[1], body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
            for (int header = 3; header < parts.length; header += 2) {
                request.header(parts[header], parts[header + 1]);
            }
            var answer = client.send(request.build(), BodyHandlers.ofByteArray());
            Files.write(folder.resolve(parts[0] + ".out"), answer.body());
            System.out.println(parts[0] + " " + answer.statusCode());
        }
    }
}
