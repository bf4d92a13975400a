// Simulations: sliders beside their number boxes, a filter over figures, a file read into the form, progress. Without it the boxes
// are filled in by hand and the page of a run looks again by itself.
"use strict";
for (const part of document.querySelectorAll("[data-scripted]")) part.hidden = false;

const count = document.querySelector("[data-changed]");
const figures = [...document.querySelectorAll(".figure[data-now]")];
const changed = (figure) => figure.querySelector(".set > input:not([type=range])").value.trim() !== figure.dataset.now;
const tell = () => {
  let differ = 0;
  for (const figure of figures) {
    if ("uncounted" in figure.dataset) continue;
    const is = changed(figure);
    figure.classList.toggle("differs", is);
    differ += is ? 1 : 0;
  }
  if (count) count.textContent = differ ? count.dataset.changed.replace("#", differ) : "";
};
for (const range of document.querySelectorAll("input[type=range][data-for]")) {
  const box = document.getElementById(range.dataset.for);
  // Some sliders go by sizes that are not evenly apart.
  const steps = range.dataset.steps?.split(" ").map(Number);
  const said = () => { if (steps) range.setAttribute("aria-valuetext", steps[range.value]); };
  range.addEventListener("input", () => { box.value = steps ? steps[range.value] : range.value; said(); tell(); });
  box.addEventListener("input", () => {
    range.value = steps ? steps.findLastIndex((size) => size <= Number(box.value)) : box.value;
    said();
    tell();
  });
  said();
}
document.querySelector("form.simulate")?.addEventListener("input", tell);
tell();

for (const filter of document.querySelectorAll("[data-filter]")) {
  const parts = filter.closest("details").querySelectorAll(filter.dataset.filter);
  filter.addEventListener("input", () => {
    const wanted = filter.value.trim().toLowerCase();
    for (const part of parts) part.hidden = !part.textContent.toLowerCase().includes(wanted);
  });
  filter.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
}

for (const file of document.querySelectorAll("[data-into]")) {
  file.addEventListener("change", async () => {
    if (file.files[0]) document.getElementById(file.dataset.into).value = await file.files[0].text();
  });
}

const followed = document.querySelector("[data-poll]");
if (followed) {
  const [bar, words] = [followed.querySelector("progress"), followed.querySelector("[aria-live]")];
  // Who cancels is on the way elsewhere, and to load the page anew would break that off.
  let leaves = false;
  document.addEventListener("submit", () => { leaves = true; });
  const anew = () => { if (!leaves) location.reload(); };
  const look = async () => {
    try {
      const answer = await fetch(followed.dataset.poll, { redirect: "error" });
      // Who has to sign in again, or may not look any more, is told so by the page.
      if (answer.status === 401 || answer.status === 403) return anew();
      const { going, permille, says } = await answer.json();
      if (!going) return anew();
      bar.value = permille;
      if (words.textContent !== says) words.textContent = says;
    } catch {
      // The server may be away for a moment: the next look tells.
    }
    setTimeout(look, 700);
  };
  setTimeout(look, 300);
}
