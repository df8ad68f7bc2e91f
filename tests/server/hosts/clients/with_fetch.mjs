// A client with a real address in its code: fetch.
const Authorization = "Basic " + btoa("4321:0123456789abcdef0123456789abcdef01234567");
const answer = await fetch("https://api.apimo.pro/agencies/101/leads?limit=2", { headers: { Authorization } });
console.log("leads", (await answer.json()).leads.length);
try {
  console.log("other", (await fetch(process.argv[2])).status);
} catch (error) {
  console.log("refused", error.cause?.message ?? error.message);
}
