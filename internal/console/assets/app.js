// The small things that pages do beyond HTML. Every page works without them.
(() => {
  "use strict";
  const quiet = "stanch.quiet";
  let allowed = false; // browsers let a page sound only after its visitor did something
  let audio = null;

  const remembered = () => {
    try { return localStorage.getItem(quiet) === "1"; } catch { return false; }
  };
  const remember = (muted) => {
    try { localStorage.setItem(quiet, muted ? "1" : "0"); } catch { /* private window: forgets */ }
  };

  const chime = async () => {
    const button = document.querySelector("[data-mute]");
    if (!button || !allowed || remembered()) return;
    audio = audio || new AudioContext();
    const answer = await fetch(button.dataset.sound);
    const sound = await audio.decodeAudioData(await answer.arrayBuffer());
    const player = audio.createBufferSource();
    player.buffer = sound;
    player.connect(audio.destination);
    player.start();
  };

  const showMute = (button) => {
    const muted = remembered();
    button.setAttribute("aria-pressed", String(muted));
    button.classList.toggle("muted", muted);
    const words = muted ? button.dataset.wordsOff : button.dataset.wordsOn;
    button.title = words;
    const label = button.querySelector(".sr");
    if (label) label.textContent = words;
  };

  // The count of cases that nobody opened stands in the title, and rises with
  // a sound.
  const base = document.title.replace(/^\(\d+\) /, "");
  const count = () => Number(document.getElementById("unseen")?.dataset.count || 0);
  let last = count();
  const retitle = () => {
    const now = count();
    document.title = (now ? "(" + now + ") " : "") + base;
    if (now > last) chime().catch(() => {});
    last = now;
  };
  document.addEventListener("htmx:after:swap", retitle);

  for (const event of ["pointerdown", "keydown"]) {
    addEventListener(event, () => { allowed = true; }, { once: true });
  }

  document.querySelectorAll("[data-print]").forEach((b) => {
    b.hidden = false;
    b.addEventListener("click", () => print());
  });
  document.querySelectorAll("[data-mute]").forEach((b) => {
    b.hidden = false;
    showMute(b);
    b.addEventListener("click", () => {
      remember(!remembered());
      showMute(b);
      if (!remembered()) chime().catch(() => {});
    });
  });

  // Where the browser knows its time zone better than our first guess.
  const zone = document.querySelector("select[name=zone]");
  if (zone && location.pathname.startsWith("/welcome/")) {
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    for (const o of zone.options) if (o.value === here) zone.value = here;
  }

  // A form is sent once, however often its button is pressed.
  document.addEventListener("submit", (e) => {
    const form = e.target;
    if (form.dataset.sent) { e.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(() => { delete form.dataset.sent; }, 4000);
  });

  // Menus close when the visitor turns elsewhere.
  document.addEventListener("click", (e) => {
    document.querySelectorAll("details.menu[open]").forEach((m) => { if (!m.contains(e.target)) m.open = false; });
  });
})();
