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
 * Erases a person from a session, their own forms and the rows about them in the forms of others; or everybody.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class erasure {
    /**
     * Erases a person from one session. Tombstones with hashes remain of documents.
     *
     * @param int $sessionid
     * @param int $userid
     * @param bool $others whether forms of others are kept without the rows about this person
     */
    public static function in_session(int $sessionid, int $userid, bool $others): void {
        global $DB;
        $session = $DB->get_record('monitoringsession', ['id' => $sessionid]);
        if (!$session) {
            return;
        }
        $transaction = $DB->start_delegated_transaction();
        $own = ['monitoringsession' => $sessionid, 'userid' => $userid];
        submissions::delete($session, $DB->get_records('monitoringsession_submission', $own));
        if ($others) {
            $about = $DB->get_records_sql(
                'SELECT s.* FROM {monitoringsession_submission} s JOIN {monitoringsession_subject} t ON t.submissionid = s.id
                  WHERE t.userid = ? AND s.monitoringsession = ? ORDER BY s.version',
                [$userid, $sessionid]
            );
            foreach ($about as $submission) {
                self::rewrite($session, $submission, $userid);
            }
        }
        foreach (['draft', 'personal', 'summary', 'subject', 'roster', 'told'] as $table) {
            $DB->delete_records("monitoringsession_$table", $own);
        }
        extensions::forget($sessionid, $userid);
        decisions::forget_person($session, $userid);
        self::admit_no_more($session, $userid);
        // Carried rows and summaries of others may name this person: the service pushes them afresh.
        $DB->delete_records_select(
            'monitoringsession_personal',
            'monitoringsession = ? AND ' . $DB->sql_like('content', '?'),
            [$sessionid, "%\"p$userid\"%"]
        );
        $user = $DB->get_record('user', ['id' => $userid]);
        if ($user) {
            $DB->delete_records_select(
                'monitoringsession_summary',
                'monitoringsession = ? AND ' . $DB->sql_like('content', '?'),
                [$sessionid, '%' . $DB->sql_like_escape(fullname($user, true)) . '%']
            );
        }
        $DB->delete_records('monitoringsession_outbox', ['userid' => $userid]);
        outbox::add('session.updated', ['session' => $session->uuid], (int)$session->course);
        $transaction->allow_commit();
    }

    /**
     * Forgets that a session was opened again for a person; without anybody else it was opened for, it closes.
     *
     * @param \stdClass $session row of monitoringsession
     * @param int $userid
     */
    private static function admit_no_more(\stdClass $session, int $userid): void {
        global $DB;
        $admitted = array_filter(explode(',', (string)$session->admitted));
        if (in_array((string)$userid, $admitted)) {
            $others = implode(',', array_diff($admitted, [(string)$userid]));
            $closed = $others === '' ? time() : 0;
            $facts = ['id' => $session->id, 'admitted' => $others, 'closed' => $closed, 'timemodified' => time()];
            $DB->update_record('monitoringsession', (object)$facts);
        }
    }

    /**
     * Erases everybody from one session. Tombstones with hashes remain of documents.
     *
     * The service hears of it once, however many forms there were: the change sequence names each.
     *
     * @param \stdClass $session row of monitoringsession
     */
    public static function of_everyone(\stdClass $session): void {
        global $DB;
        $transaction = $DB->start_delegated_transaction();
        $own = ['monitoringsession' => $session->id];
        foreach ($DB->get_fieldset_select('monitoringsession_submission', 'uuid', 'monitoringsession = ?', $own) as $uuid) {
            changes::record('submission', 'deleted', $session->uuid, $uuid);
        }
        documents::erase_all($session);
        foreach (['problem', 'subject', 'submission', 'draft', 'personal', 'summary', 'push', 'roster', 'told'] as $table) {
            $DB->delete_records("monitoringsession_$table", $own);
        }
        extensions::forget((int)$session->id);
        decisions::forget_all($session);
        // What waits to be told about single forms is told by the change of the session.
        $DB->delete_records_select(
            'monitoringsession_outbox',
            "state = 'waiting' AND course = ? AND " . $DB->sql_like('type', '?') . ' AND ' . $DB->sql_like('payload', '?'),
            [$session->course, 'submission.%', "%$session->uuid%"]
        );
        outbox::add('session.updated', ['session' => $session->uuid], (int)$session->course);
        $transaction->allow_commit();
    }

    /**
     * Puts a version without the rows about a person in the place of a submission; the old one goes with its documents.
     *
     * An archived document never changes, so what is left of the form becomes another submission with its own document.
     *
     * @param \stdClass $session row of monitoringsession
     * @param \stdClass $submission
     * @param int $userid
     */
    private static function rewrite(\stdClass $session, \stdClass $submission, int $userid): void {
        global $DB;
        [$answers, $carried] = self::split($submission, $userid)['rest'];
        $subjects = $DB->get_fieldset_select('monitoringsession_subject', 'userid', 'submissionid = ?', [$submission->id]);
        submissions::delete($session, [$submission]);
        unset($submission->id);
        $submission->uuid = \core\uuid::generate();
        $submission->answers = json::object($answers);
        $submission->carried = json::object($carried);
        $submission->timemodified = time();
        $submission->id = $DB->insert_record('monitoringsession_submission', $submission);
        foreach (array_diff($subjects, [$userid]) as $subject) {
            $DB->insert_record('monitoringsession_subject', (object)[
                'monitoringsession' => $session->id,
                'submissionid' => $submission->id,
                'userid' => $subject,
            ]);
        }
        changes::record('submission', 'saved', $session->uuid, $submission->uuid);
    }

    /**
     * The rows of a form that are about a person, as shown and as answered.
     *
     * @param \stdClass $submission
     * @param int $userid
     * @return array by table
     */
    public static function rows_about(\stdClass $submission, int $userid): array {
        return self::split($submission, $userid)['about'];
    }

    /**
     * Parts a form into what is about a person and the rest.
     *
     * @param \stdClass $submission
     * @param int $userid
     * @return array about: rows by table; rest: [answers, carried]
     */
    private static function split(\stdClass $submission, int $userid): array {
        $answers = json::decode($submission->answers);
        $carried = json::decode($submission->carried);
        $about = [];
        $user = \core_user::get_user($userid);
        $name = $user ? fullname($user, true) : '';
        foreach ($carried as $table => $rows) {
            $carried[$table] = $rows = self::without_name($rows, $userid, $name);
            $numbers = [];
            foreach (is_array($rows) ? $rows : [] as $row) {
                if (is_array($row) && isset($row['id'], $row['row']) && personal::person_of_row((string)$row['id']) === $userid) {
                    $numbers[] = $row['row'];
                    $about[$table][$row['row']] = ['shown' => $row];
                }
            }
            if (!$numbers) {
                continue;
            }
            $carried[$table] = array_values(array_filter($rows, fn($row) => !in_array($row['row'], $numbers)));
            foreach ($answers[$table] ?? [] as $row) {
                if (in_array($row['row'], $numbers)) {
                    $about[$table][$row['row']]['answered'] = $row;
                }
            }
            $answers[$table] = array_values(array_filter($answers[$table] ?? [], fn($row) => !in_array($row['row'], $numbers)));
            if (!$carried[$table]) {
                unset($carried[$table]);
            }
            if (!$answers[$table]) {
                unset($answers[$table]);
            }
        }
        return ['about' => $about, 'rest' => [$answers, $carried]];
    }

    /**
     * Lines in words that do not name a person, and choices that name them by number.
     *
     * @param mixed $shown one carried item: lines, rows or choices
     * @param int $userid
     * @param string $name
     * @return mixed
     */
    private static function without_name($shown, int $userid, string $name) {
        if (!is_array($shown)) {
            return $shown;
        }
        if (array_filter($shown, 'is_string')) {
            return array_values(array_filter(
                $shown,
                fn($line) => !is_string($line) || $name === '' || !str_contains($line, $name)
            ));
        }
        return array_map(
            fn($one) => is_array($one) && ($one['value'] ?? '') === "p$userid" ? ['label' => "№ $userid"] + $one : $one,
            $shown
        );
    }
}
