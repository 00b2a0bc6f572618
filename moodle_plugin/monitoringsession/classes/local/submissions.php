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
 * Submissions: every submitted version is a row that is never changed again but for its state.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class submissions {
    /** @var string the latest version, waiting for or having its document */
    public const SUBMITTED = 'submitted';

    /** @var string its author is asked for, or allowed, another version */
    public const REOPENED = 'reopened';

    /** @var string a later version stands in its place */
    public const SUPERSEDED = 'superseded';

    /** @var int seconds for which a page looks out for the document of a form that was submitted */
    private const FRESH = 900;

    /**
     * The latest version of a form.
     *
     * @param slot $slot
     * @return \stdClass|null row of monitoringsession_submission
     */
    public static function latest(slot $slot): ?\stdClass {
        global $DB;
        $rows = $DB->get_records('monitoringsession_submission', $slot->key(), 'version DESC', '*', 0, 1);
        return reset($rows) ?: null;
    }

    /**
     * The submission with a UUID, or the contract's refusal.
     *
     * @param session $session
     * @param string $uuid
     * @return \stdClass
     */
    public static function of_uuid(session $session, string $uuid): \stdClass {
        global $DB;
        return $DB->get_record('monitoringsession_submission', ['uuid' => $uuid, 'monitoringsession' => $session->row->id])
            ?: throw new \moodle_exception('submissionmissing', 'mod_monitoringsession');
    }

    /**
     * How many of a person's forms, submitted just now, have no document yet; later the next visit is soon enough.
     *
     * @param session $session
     * @param int $userid
     * @return int
     */
    public static function waiting_for_document(session $session, int $userid): int {
        global $DB;
        return $DB->count_records_select(
            'monitoringsession_submission',
            "monitoringsession = ? AND userid = ? AND state = ? AND timesubmitted > ? AND NOT EXISTS (
                SELECT 1 FROM {monitoringsession_document} d WHERE d.submission = {monitoringsession_submission}.uuid)",
            [$session->row->id, $userid, self::SUBMITTED, time() - self::FRESH]
        );
    }

    /**
     * Turns the draft of a form into a submission: row, change, hint to the service in one transaction.
     *
     * @param slot $slot
     * @param int $revision of the draft that was reviewed
     * @param array $answers of that draft, as they are to be submitted
     * @return \stdClass|null the submission; null when the draft has changed or is gone
     */
    public static function submit(slot $slot, int $revision, array $answers): ?\stdClass {
        global $DB;
        $lock = \core\lock\lock_config::get_lock_factory('mod_monitoringsession')->get_lock('draft' . $slot->name(), 10);
        if (!$lock) {
            throw new \moodle_exception('locktimeout', 'mod_monitoringsession');
        }
        try {
            $draft = drafts::find($slot);
            if (!$draft || (int)$draft->revision !== $revision) {
                return null;
            }
            $transaction = $DB->start_delegated_transaction();
            $before = self::latest($slot);
            $submission = self::insert($slot, $answers, (int)($before->version ?? 0) + 1);
            if ($before) {
                self::supersede($before);
            }
            drafts::discard($slot);
            changes::record('submission', 'saved', $slot->session->row->uuid, $submission->uuid);
            outbox::add(
                'submission.saved',
                ['session' => $slot->session->row->uuid, 'submission' => $submission->uuid],
                (int)$slot->session->course->id,
                (int)$submission->userid
            );
            \mod_monitoringsession\event\submission_saved::of($slot->session, $submission)->trigger();
            // Written with the form, so that the wish is not lost, and sent at once below.
            $contact = $slot->definition->asks_for_contact($answers) ? notifications::queue('contactrequest', $submission) : 0;
            $transaction->allow_commit();
        } finally {
            $lock->release();
        }
        self::update_completion($slot->session, (int)$submission->userid);
        if ($contact && notifications::contact_request($slot->session, $submission)) {
            $DB->delete_records('task_adhoc', ['id' => $contact]);
        }
        return $submission;
    }

    /**
     * Signs a coordinator's form once more with the same answers and what is carried over now: its next version.
     *
     * Also where the session takes no forms any more: nothing is answered anew.
     *
     * @param slot $slot
     * @return bool false where something has to be answered first; the answers are a draft then
     */
    public static function renew(slot $slot): bool {
        if (!$slot->submission || $slot->draft || $slot->definition->respondent() !== 'coordinator' || !$slot->personal->open()) {
            return false;
        }
        $answers = $slot->answers();
        $revision = drafts::save($slot, $answers, 0);
        $slot->draft = drafts::find($slot);
        if (!$revision || rules::problems($slot, $slot->answers())) {
            return false;
        }
        return (bool)self::submit($slot, $revision, answers::final($slot, $slot->answers()));
    }

    /**
     * Writes the row and the index of the people it is about.
     *
     * @param slot $slot
     * @param array $answers
     * @param int $version
     * @return \stdClass
     */
    private static function insert(slot $slot, array $answers, int $version): \stdClass {
        global $DB;
        $now = time();
        $submission = (object)($slot->key() + [
            'uuid' => \core\uuid::generate(),
            'instrumentversion' => $slot->definition->version,
            'definitionsha256' => $slot->definition->sha256,
            'language' => $slot->definition->language,
            'groupname' => $slot->session->mentoring_groups()[$slot->groupid] ?? '',
            'role' => $slot->definition->respondent(),
            'version' => $version,
            'state' => self::SUBMITTED,
            'answers' => json::object($answers),
            'carried' => json::object($slot->personal->carried()),
            'origin' => '',
            'timesubmitted' => $now,
            'timemodified' => $now,
        ]);
        $submission->id = $DB->insert_record('monitoringsession_submission', $submission);
        foreach ($slot->personal->subjects() as $userid) {
            if ($userid != $submission->userid) {
                $DB->insert_record('monitoringsession_subject', (object)[
                    'monitoringsession' => $slot->session->row->id,
                    'submissionid' => $submission->id,
                    'userid' => $userid,
                ]);
            }
        }
        return $submission;
    }

    /**
     * Marks a version, its documents and its problems as overtaken.
     *
     * @param \stdClass $submission
     */
    private static function supersede(\stdClass $submission): void {
        global $DB;
        self::set_state($submission, self::SUPERSEDED);
        $current = ['submission' => $submission->uuid, 'state' => 'current'];
        $DB->set_field('monitoringsession_document', 'state', 'superseded', $current);
        $DB->set_field('monitoringsession_problem', 'state', 'solved', ['submissionid' => $submission->id]);
    }

    /**
     * Changes the state of a submission.
     *
     * @param \stdClass $submission
     * @param string $state
     */
    private static function set_state(\stdClass $submission, string $state): void {
        global $DB;
        $submission->state = $state;
        $DB->update_record('monitoringsession_submission', (object)[
            'id' => $submission->id,
            'state' => $state,
            'timemodified' => time(),
        ]);
    }

    /**
     * Asks the author for another version.
     *
     * @param session $session
     * @param \stdClass $submission
     * @return bool whether it was reopened now
     */
    public static function reopen(session $session, \stdClass $submission): bool {
        global $DB;
        if ($submission->state !== self::SUBMITTED || !$session->accepts((int)$submission->userid, $submission->role)) {
            return false;
        }
        $transaction = $DB->start_delegated_transaction();
        self::set_state($submission, self::REOPENED);
        changes::record('submission', 'saved', $session->row->uuid, $submission->uuid);
        \mod_monitoringsession\event\submission_reopened::of($session, $submission)->trigger();
        $transaction->allow_commit();
        self::update_completion($session, (int)$submission->userid);
        return true;
    }

    /**
     * Deletes submissions with their documents, problems and index; tombstones remain for the service, which is told.
     *
     * @param \stdClass $session row of monitoringsession
     * @param \stdClass[] $submissions rows
     */
    public static function delete(\stdClass $session, array $submissions): void {
        global $DB;
        foreach ($submissions as $submission) {
            documents::erase($submission);
            $DB->delete_records('monitoringsession_problem', ['submissionid' => $submission->id]);
            $DB->delete_records('monitoringsession_subject', ['submissionid' => $submission->id]);
            $DB->delete_records('monitoringsession_submission', ['id' => $submission->id]);
            changes::record('submission', 'deleted', $session->uuid, $submission->uuid);
            $gone = ['session' => $session->uuid, 'submission' => $submission->uuid];
            outbox::add('submission.deleted', $gone, (int)$session->course);
        }
    }

    /**
     * Tells completion that something changed for a person.
     *
     * @param session $session
     * @param int $userid
     */
    public static function update_completion(session $session, int $userid): void {
        global $CFG;
        require_once($CFG->libdir . '/completionlib.php');
        $completion = new \completion_info($session->course);
        if ($completion->is_enabled($session->cm) && $session->row->completionsubmit) {
            $completion->update_state($session->cm, COMPLETION_UNKNOWN, $userid);
        }
    }

    /**
     * The record of the contract (common.schema.json#/$defs/submission).
     *
     * @param \stdClass $submission
     * @param session $session
     * @param string $name of the respondent
     * @return array
     */
    public static function export(\stdClass $submission, session $session, string $name): array {
        $language = texts::language($submission->language);
        return [
            'id' => $submission->uuid,
            'session' => $session->row->uuid,
            'instrument' => $submission->instrument,
            'instrument_version' => $submission->instrumentversion,
            'definition_sha256' => $submission->definitionsha256,
            'language' => $language,
            'group' => (int)$submission->groupid,
            'group_name' => names::filed($submission->groupname, $language, $session->context()),
            'respondent' => (int)$submission->userid,
            'respondent_name' => $name,
            'respondent_role' => $submission->role,
            'version' => (int)$submission->version,
            'state' => $submission->state,
            'submitted' => (int)$submission->timesubmitted,
            'origin' => (string)$submission->origin,
            'answers' => $submission->answers ?: '{}',
            'carried' => $submission->carried ?: '{}',
        ];
    }
}
