// In: a line for each question, a JSON list of simulations. Out: a line with its list of results,
// each Allowed, ImplicitlyDenied or ExplicitlyDenied, or what is wrong with the simulation.
import { createInterface } from "node:readline";
import { createRequire } from "node:module";

const { runSimulation } = createRequire(process.argv[2])("@cloud-copilot/iam-simulate");

const answer = async (simulation) => {
  const said = await runSimulation(simulation, { simulationMode: "Strict" });
  return said.resultType === "error" ? { error: said.errors } : said.overallResult;
};

for await (const line of createInterface({ input: process.stdin })) {
  const answers = [];
  for (const simulation of JSON.parse(line)) answers.push(await answer(simulation));
  process.stdout.write(`${JSON.stringify(answers)}\n`);
}
