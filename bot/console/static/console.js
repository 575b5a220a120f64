// Wires the page: each concern has its own file, and none knows more than it needs.
import { startBlind } from "./blind.js";
import { startComposer } from "./composer.js";
import { startButtons } from "./buttons.js";
import { startCompletion } from "./complete.js";
import { startEdit } from "./edit.js";
import { startExports } from "./exports.js";
import { startHandIn } from "./handin.js";
import { startLive } from "./live.js";
import { startPerson } from "./person.js";
import { startPictures } from "./pictures.js";
import { startThread } from "./thread.js";

startPerson();
startComposer();
startButtons();
startBlind();
startPictures();
startCompletion();
startExports();
startEdit();
startHandIn();
startThread();
startLive();
