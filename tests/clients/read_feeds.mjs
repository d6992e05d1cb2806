// What ical.js, the parser of Thunderbird, reads in feeds.
//
//   node read_feeds.mjs FOLDER < PATHS
//
// FOLDER has ical.js as npm installs it; PATHS are those of the feeds, one a line. Writes a line of
// JSON for each feed: its name and its events, or the error.
import { readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const module = path.resolve(process.argv[2], "ical.js/dist/ical.js");
const { default: ICAL } = await import(pathToFileURL(module));

function event(component) {
  const read = new ICAL.Event(component);
  const value = (name) => component.getFirstPropertyValue(name);
  return {
    uid: read.uid,
    start: read.startDate.toICALString(),
    end: read.endDate.toICALString(),
    all_day: read.startDate.isDate,
    zone: read.startDate.zone.tzid,
    sequence: read.sequence,
    stamp: value("dtstamp").toICALString(),
    summary: read.summary,
    description: read.description ?? "",
    categories: component.getAllProperties("categories").flatMap((each) => each.getValues()),
    url: value("url") ?? "",
    busy: value("transp") === "OPAQUE",
    alarms: component.getAllSubcomponents("valarm").length,
    recurs: read.isRecurring(),
  };
}

function feed(file) {
  try {
    const calendar = new ICAL.Component(ICAL.parse(readFileSync(file, "utf-8")));
    return {
      name: calendar.getFirstPropertyValue("name"),
      refresh: calendar.getFirstPropertyValue("refresh-interval").toString(),
      others: calendar.getAllSubcomponents().filter((each) => each.name !== "vevent").length,
      events: calendar.getAllSubcomponents("vevent").map(event),
    };
  } catch (error) {
    return { error: `${error}` };
  }
}

for (const file of readFileSync(0, "utf-8").split("\n").filter(Boolean)) {
  console.log(JSON.stringify(feed(file)));
}
