// @discordjs/voice in a process of its own: joins, plays, and reports what its receiver decoded.
// Started by peer_process.py with the folder of its packages as NODE_PATH's stand-in in argv[2].
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";

const voice = createRequire(process.argv[2] + "/package.json")("@discordjs/voice");
const SILENCE = Buffer.from([0xf8, 0xff, 0xfe]);

const tell = (event, fields = {}) => process.stdout.write(JSON.stringify({ event, ...fields }) + "\n");

const readFrames = (path) => {
  const data = readFileSync(path);
  const frames = [];
  for (let at = 0; at < data.length; ) {
    const size = data.readUInt16BE(at);
    frames.push(data.subarray(at + 2, at + 2 + size));
    at += 2 + size;
  }
  return frames;
};

const heard = new Map();
let connection;

const listenTo = (user) => {
  if (heard.has(user)) return;
  heard.set(user, []);
  const stream = connection.receiver.subscribe(user, { end: { behavior: voice.EndBehaviorType.Manual } });
  stream.on("data", (packet) => {
    const frame = packet.payload ?? packet;
    if (!SILENCE.equals(frame)) heard.get(user).push(createHash("sha256").update(frame).digest("hex").slice(0, 16));
  });
  stream.on("error", (error) => tell("trouble", { user, text: String(error) }));
};

const join = async (login) => {
  const adapterCreator = (methods) => ({
    sendPayload: (payload) => {
      if (payload.d.channel_id !== null) {
        setImmediate(() => {
          const { guild_id, channel_id, user_id, session_id, token, endpoint } = login;
          methods.onVoiceStateUpdate({ guild_id, channel_id, user_id, session_id });
          methods.onVoiceServerUpdate({ guild_id, token, endpoint });
        });
      }
      return true;
    },
    destroy: () => {},
  });
  connection = voice.joinVoiceChannel({
    guildId: login.guild_id,
    channelId: login.channel_id,
    selfDeaf: false,
    selfMute: false,
    debug: true,
    adapterCreator,
  });
  connection.on("error", (error) => tell("trouble", { text: String(error) }));
  await voice.entersState(connection, voice.VoiceConnectionStatus.Ready, 10_000);
  for (const user of login.listen) listenTo(user);
  tell("joined");
};

const play = (path) => {
  const player = voice.createAudioPlayer();
  connection.subscribe(player);
  player.on("error", (error) => tell("trouble", { text: String(error) }));
  player.on(voice.AudioPlayerStatus.Idle, () => tell("played"));
  const stream = Readable.from(readFrames(path), { objectMode: true });
  player.play(voice.createAudioResource(stream, { inputType: voice.StreamType.Opus }));
};

const obey = async (command) => {
  switch (command.do) {
    case "play":
      play(command.frames);
      break;
    case "forget":
      for (const frames of heard.values()) frames.length = 0;
      tell("forgotten");
      break;
    case "code":
      // A library tells nobody when its group is new: look until it is not the one that is known already.
      while ([undefined, null, command.known].includes(connection.voicePrivacyCode)) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      tell("code", { code: connection.voicePrivacyCode });
      break;
    case "report":
      tell("report", { heard: Object.fromEntries(heard), failed: {}, unknown: 0 });
      break;
  }
};

let joined;
const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const message = JSON.parse(line);
  joined = joined === undefined ? join(message) : joined.then(() => obey(message));
});
lines.on("close", () => {
  connection?.destroy();
  process.exit(0);
});
