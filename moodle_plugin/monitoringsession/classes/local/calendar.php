<?php
// This file is part of Moodle - http://moodle.org/
//
// Moodle is free software: you can redistribute it and/or modify
// it under the terms of the GNU General Public License as published by
// the Free Software Foundation, either version 3 of the License, or
// (at your option) any later version.
//
// Moodle is distributed in the hope that it will be useful,
// but WITHOUT ANY WARRANTY; without even the implied warranty of
// MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE.  See the
// GNU General Public License for more details.
//
// You should have received a copy of the GNU General Public License
// along with Moodle.  If not, see <http://www.gnu.org/licenses/>.

namespace mod_monitoringsession\local;

/**
 * Sessions in the calendar: when they open, until when their forms are due, and what to do about it.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class calendar {
    /**
     * Writes the events of a session; a person with more time has an own one.
     *
     * @param \stdClass $row of monitoringsession
     * @param int $cmid
     */
    public static function write(\stdClass $row, int $cmid): void {
        global $CFG, $DB;
        require_once($CFG->dirroot . '/calendar/lib.php');
        foreach (['opens' => 'calendaropens', 'due' => 'calendardue'] as $type => $string) {
            $known = $DB->get_record('event', [
                'modulename' => 'monitoringsession',
                'instance' => $row->id,
                'eventtype' => $type,
                'courseid' => $row->course,
            ]);
            if (!$row->$type) {
                if ($known) {
                    \calendar_event::load($known->id)->delete();
                }
                continue;
            }
            $event = (object)[
                'eventtype' => $type,
                'type' => $type === 'due' ? CALENDAR_EVENT_TYPE_ACTION : CALENDAR_EVENT_TYPE_STANDARD,
                'name' => get_string($string, 'mod_monitoringsession', $row->name),
                'description' => $cmid ? format_module_intro('monitoringsession', $row, $cmid, false) : '',
                'format' => FORMAT_HTML,
                'courseid' => $row->course,
                'groupid' => 0,
                'userid' => 0,
                'modulename' => 'monitoringsession',
                'instance' => $row->id,
                'timestart' => $row->$type,
                'timesort' => $row->$type,
                'timeduration' => 0,
                'visible' => instance_is_visible('monitoringsession', $row),
            ];
            if ($known) {
                \calendar_event::load($known->id)->update($event, false);
            } else {
                \calendar_event::create($event, false);
            }
        }
        self::write_own($row);
    }

    /**
     * Writes the deadlines of those who have others than everybody's: more time, or a form that opened later. Such events take
     * the place of the common one, so they hold all deadlines of the person.
     *
     * @param \stdClass $row of monitoringsession
     * @param int[]|null $userids only of these people; null = of all
     */
    public static function write_own(\stdClass $row, ?array $userids = null): void {
        global $CFG, $DB;
        require_once($CFG->dirroot . '/calendar/lib.php');
        $wanted = $row->due ? self::own_deadlines($row, $userids) : [];
        $where = "modulename = 'monitoringsession' AND instance = ? AND courseid = 0";
        $params = [$row->id];
        if ($userids !== null) {
            [$in, $more] = $DB->get_in_or_equal($userids, SQL_PARAMS_QM, 'param', true, 0);
            $where .= " AND userid $in";
            $params = [...$params, ...$more];
        }
        foreach ($DB->get_records_select('event', $where, $params, 'id') as $event) {
            $same = isset($wanted[$event->userid][$event->timestart])
                && $event->name === get_string('calendardue', 'mod_monitoringsession', $row->name)
                && (int)$event->visible === (int)instance_is_visible('monitoringsession', $row);
            if ($same) {
                unset($wanted[$event->userid][$event->timestart]);
            } else {
                $DB->delete_records('event', ['id' => $event->id]);
            }
        }
        foreach ($wanted as $userid => $moments) {
            foreach ($moments as $due) {
                \calendar_event::create((object)[
                    'eventtype' => 'due',
                    'type' => CALENDAR_EVENT_TYPE_ACTION,
                    'name' => get_string('calendardue', 'mod_monitoringsession', $row->name),
                    'description' => '',
                    'format' => FORMAT_HTML,
                    'courseid' => 0,
                    'groupid' => 0,
                    'userid' => $userid,
                    'priority' => CALENDAR_EVENT_USER_OVERRIDE_PRIORITY,
                    'modulename' => 'monitoringsession',
                    'instance' => $row->id,
                    'timestart' => $due,
                    'timesort' => $due,
                    'timeduration' => 0,
                    'visible' => instance_is_visible('monitoringsession', $row),
                ], false);
            }
        }
    }

    /**
     * The deadlines of those who have any other than everybody's.
     *
     * @param \stdClass $row of monitoringsession
     * @param int[]|null $userids only of these people; null = of all
     * @return array[] moments by themselves, by user id
     */
    private static function own_deadlines(\stdClass $row, ?array $userids): array {
        global $DB;
        $base = (int)$row->due;
        $extended = extensions::of($row);
        $found = [];
        foreach ($userids === null ? $extended : array_intersect_key($extended, array_flip($userids)) as $userid => $due) {
            $found[$userid][$due] = $due;
        }
        $where = 'monitoringsession = ? AND withdrawn = 0 AND userid > 0';
        $params = [$row->id];
        if ($userids !== null) {
            [$in, $more] = $DB->get_in_or_equal($userids, SQL_PARAMS_QM, 'param', true, 0);
            $where .= " AND userid $in";
            $params = [...$params, ...$more];
        }
        foreach ($DB->get_recordset_select('monitoringsession_personal', $where, $params, '', 'id, userid, content') as $one) {
            $asked = !preg_match('/"(open|expected)"\s*:\s*false/', (string)$one->content);
            $own = preg_match('/"due"\s*:\s*(\d+)/', (string)$one->content, $match) ? (int)$match[1] : 0;
            if ($asked) {
                $due = max($base, $own, $extended[$one->userid] ?? 0);
                $found[$one->userid][$due] = $due;
            }
        }
        return array_filter($found, fn(array $moments): bool => array_keys($moments) !== [$base]);
    }

    /**
     * What somebody has to do about a deadline.
     *
     * @param \calendar_event $event
     * @param \core_calendar\action_factory $factory
     * @param int $userid
     * @return \core_calendar\local\event\entities\action_interface|null null for nothing
     */
    public static function action(
        \calendar_event $event,
        \core_calendar\action_factory $factory,
        int $userid
    ): ?\core_calendar\local\event\entities\action_interface {
        global $DB;
        $courseid = $event->courseid ?: $DB->get_field('monitoringsession', 'course', ['id' => $event->instance]);
        $cm = $courseid ? get_fast_modinfo($courseid, $userid)->instances['monitoringsession'][$event->instance] ?? null : null;
        if (!$cm || !$cm->uservisible) {
            return null;
        }
        $session = session::of_cm((int)$cm->id);
        $own = $event->userid > 0 ? (int)$event->timestart : 0;
        $open = array_filter(
            slot::of($session, new access($session, (int)$userid)),
            fn(slot $slot) => $slot->personal->expected() && in_array($slot->state(), ['todo', 'draft', 'correction'])
                && (!$own || $slot->due() === $own)
        );
        if (!$open) {
            return null;
        }
        return $factory->create_instance(
            get_string('fillin', 'mod_monitoringsession'),
            new \moodle_url('/mod/monitoringsession/view.php', ['id' => $cm->id]),
            count($open),
            $session->opened()
        );
    }
}
