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
 * What coordinators decided on early-warning signals.
 *
 * A decision covers the sessions in which the signal had been seen then. All stay: the last one stands, until the signal is
 * seen in a session that none of them covers.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class decisions {
    /** @var string a measure was agreed; it has a date */
    public const MEASURE = 'measure';

    /** @var string nothing more is to be done */
    public const SETTLED = 'settled';

    /** @var string[] what can be decided, in the order in which it is offered */
    public const CODES = ['talked', self::MEASURE, 'watching', 'unfounded', self::SETTLED];

    /** @var int longest note */
    public const NOTE = 500;

    /**
     * Takes a decision on signals; the log and the service know.
     *
     * @param session $session on whose page it is taken
     * @param array[] $signals of summaries: id, rule, person, group, occurrences
     * @param string $code
     * @param string $note
     * @param int $due date of a measure
     * @param int $userid who decides
     */
    public static function take(session $session, array $signals, string $code, string $note, int $due, int $userid): void {
        global $DB;
        if (!in_array($code, self::CODES)) {
            throw new \coding_exception("There is no decision '$code'");
        }
        $transaction = $DB->start_delegated_transaction();
        foreach ($signals as $signal) {
            $row = (object)[
                'uuid' => \core\uuid::generate(),
                'monitoringsession' => $session->row->id,
                'signalid' => $signal['id'],
                'rule' => $signal['rule'],
                'userid' => $signal['person'],
                'groupid' => $signal['group'],
                'occurrences' => implode(' ', array_column($signal['occurrences'], 'session')),
                'decision' => $code,
                'note' => \core_text::substr(trim($note), 0, self::NOTE),
                'due' => $code === self::MEASURE ? $due : 0,
                'decider' => $userid,
                'timecreated' => time(),
            ];
            $row->id = $DB->insert_record('monitoringsession_decision', $row);
            changes::record('decision', 'saved', $session->row->uuid, $row->uuid);
            \mod_monitoringsession\event\decision_taken::of($session, $row)->trigger();
            $told = ['session' => $session->row->uuid, 'decision' => $row->uuid];
            outbox::add('decision.saved', $told, (int)$session->row->course, $userid);
        }
        $transaction->allow_commit();
    }

    /**
     * The decisions of a course on some signals, oldest first.
     *
     * @param int $courseid
     * @param string[] $signals ids
     * @return array[] rows by signal id; occurrences is a list
     */
    public static function on(int $courseid, array $signals): array {
        global $DB;
        if (!$signals) {
            return [];
        }
        [$in, $params] = $DB->get_in_or_equal($signals);
        $rows = $DB->get_records_sql(
            "SELECT d.* FROM {monitoringsession_decision} d JOIN {monitoringsession} m ON m.id = d.monitoringsession
              WHERE d.signalid $in AND m.course = ? ORDER BY d.timecreated, d.id",
            [...$params, $courseid]
        );
        $found = [];
        $here = self::sessions_here($courseid);
        foreach ($rows as $row) {
            $row->occurrences = self::occurrences($row, $here);
            $found[$row->signalid][] = $row;
        }
        return $found;
    }

    /**
     * The sessions of a course by the UUIDs that they had where they were restored from.
     *
     * @param int $courseid
     * @return string[] UUID by former UUID
     */
    private static function sessions_here(int $courseid): array {
        global $DB;
        return $DB->get_records_select_menu('monitoringsession', "course = ? AND origin <> ''", [$courseid], '', 'origin, uuid');
    }

    /**
     * The sessions in which a signal had been seen.
     *
     * @param \stdClass $row
     * @param string[] $here UUID by former UUID
     * @return string[] UUIDs
     */
    private static function occurrences(\stdClass $row, array $here): array {
        return array_map(fn($uuid) => $here[$uuid] ?? $uuid, array_filter(explode(' ', (string)$row->occurrences)));
    }

    /**
     * The decision that stands on a signal.
     *
     * @param \stdClass[] $rows decisions on it as on() gives them
     * @param string[] $occurrences UUIDs of the sessions in which it was seen
     * @return \stdClass|null null while it is open
     */
    public static function standing(array $rows, array $occurrences): ?\stdClass {
        $covered = array_merge([], ...array_column($rows, 'occurrences'));
        return $rows && !array_diff($occurrences, $covered) ? end($rows) : null;
    }

    /**
     * Decisions as the contract has them.
     *
     * @param string[] $uuids
     * @return array[]
     */
    public static function export(array $uuids): array {
        global $DB;
        $list = [];
        $rows = $DB->get_records_list('monitoringsession_decision', 'uuid', $uuids, 'timecreated, id');
        $sessions = $DB->get_records_list('monitoringsession', 'id', array_unique(array_column($rows, 'monitoringsession')));
        foreach ($rows as $row) {
            $list[] = [
                'id' => $row->uuid,
                'session' => $sessions[$row->monitoringsession]->uuid,
                'signal' => $row->signalid,
                'rule' => $row->rule,
                'person' => (int)$row->userid,
                'group' => (int)$row->groupid,
                'occurrences' => self::occurrences($row, self::sessions_here((int)$sessions[$row->monitoringsession]->course)),
                'decision' => $row->decision,
                'note' => (string)$row->note,
                'due' => (int)$row->due,
                'user' => (int)$row->decider,
                'name' => self::name((int)$row->decider),
                'time' => (int)$row->timecreated,
            ];
        }
        return $list;
    }

    /**
     * Who decided.
     *
     * @param int $userid 0 = somebody who has been erased
     * @return string
     */
    public static function name(int $userid): string {
        $user = $userid ? \core_user::get_user($userid) : null;
        return $user ? fullname($user, true) : '–';
    }

    /**
     * Forgets the decisions about a person, and who took those that the person took.
     *
     * @param \stdClass $session row of monitoringsession
     * @param int $userid
     */
    public static function forget_person(\stdClass $session, int $userid): void {
        global $DB;
        self::delete($session, ['monitoringsession' => $session->id, 'userid' => $userid]);
        $taken = ['monitoringsession' => $session->id, 'decider' => $userid];
        foreach ($DB->get_records('monitoringsession_decision', $taken, 'id', 'id, uuid') as $row) {
            changes::record('decision', 'saved', $session->uuid, $row->uuid);
        }
        $DB->set_field('monitoringsession_decision', 'decider', 0, $taken);
    }

    /**
     * Forgets all decisions taken in a session.
     *
     * @param \stdClass $session row of monitoringsession
     */
    public static function forget_all(\stdClass $session): void {
        self::delete($session, ['monitoringsession' => $session->id]);
    }

    /**
     * Deletes decisions, and leaves word for the service.
     *
     * @param \stdClass $session row of monitoringsession
     * @param array $which conditions
     */
    private static function delete(\stdClass $session, array $which): void {
        global $DB;
        foreach ($DB->get_records('monitoringsession_decision', $which, 'id', 'id, uuid') as $row) {
            changes::record('decision', 'deleted', $session->uuid, $row->uuid);
        }
        $DB->delete_records('monitoringsession_decision', $which);
    }
}
