// A client with a real address in its code: axios.
const axios = require("axios");
const auth = { username: "4321", password: "0123456789abcdef0123456789abcdef01234567" };
axios
  .get("https://api.apimo.pro/agencies/101/leads?limit=2", { auth })
  .then((answer) => console.log("leads", answer.data.leads.length))
  .then(() => axios.get(process.argv[2]))
  .then((answer) => console.log("other", answer.status))
  .catch((error) => console.log("refused", error.message));
