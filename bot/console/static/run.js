// The page of one run: pictures open, commands are copied, exports are packed.
import { startBlind } from "./blind.js";
import { startButtons } from "./buttons.js";
import { startExports } from "./exports.js";
import { startPerson } from "./person.js";
import { startPictures } from "./pictures.js";

startPerson();
startButtons();
startBlind();
startExports();
startPictures();
