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
 * What the service could not do with a submission, or what its author should correct.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class problems {
    /** @var string the author should correct something */
    public const CORRECTION = 'needs_correction';

    /** @var string the document could not be made or stored */
    public const FAILED = 'failed';

    /**
     * Shows or clears a problem.
     *
     * @param session $session
     * @param \stdClass $submission
     * @param string $state open or solved
     * @param string $kind needs_correction or failed
     * @param string $code
     * @param array $content problem-report.schema.json
     * @return bool whether the submission was reopened for its author
     */
    public static function report(
        session $session,
        \stdClass $submission,
        string $state,
        string $kind,
        string $code,
        array $content
    ): bool {
        global $DB;
        $known = $DB->get_record('monitoringsession_problem', ['submissionid' => $submission->id, 'kind' => $kind]);
        $row = (object)[
            'monitoringsession' => $session->row->id,
            'submissionid' => $submission->id,
            'kind' => $kind,
            'code' => $code,
            'content' => json::object($content),
            'state' => $state,
            'timemodified' => time(),
        ];
        if ($known) {
            $row->id = $known->id;
            $DB->update_record('monitoringsession_problem', $row);
        } else if ($state === 'open') {
            $row->timecreated = $row->timemodified;
            $DB->insert_record('monitoringsession_problem', $row);
        }
        if ($kind !== self::CORRECTION || $state !== 'open') {
            return false;
        }
        $reopened = submissions::reopen($session, $submission);
        if ($reopened) {
            notifications::queue('needscorrection', $submission);
        }
        return $reopened || $submission->state === submissions::REOPENED;
    }

    /**
     * The open problem of a kind.
     *
     * @param int $submissionid
     * @param string $kind
     * @return array content, empty when there is none
     */
    public static function open(int $submissionid, string $kind): array {
        global $DB;
        $content = $DB->get_field('monitoringsession_problem', 'content', [
            'submissionid' => $submissionid,
            'kind' => $kind,
            'state' => 'open',
        ]);
        return json::decode($content ?: '');
    }

    /**
     * Asks the service to try again.
     *
     * @param session $session
     * @param \stdClass $submission
     */
    public static function retry(session $session, \stdClass $submission): void {
        global $DB;
        $transaction = $DB->start_delegated_transaction();
        changes::record('submission', 'saved', $session->row->uuid, $submission->uuid);
        outbox::add(
            'submission.saved',
            ['session' => $session->row->uuid, 'submission' => $submission->uuid],
            (int)$session->course->id,
            (int)$submission->userid
        );
        $transaction->allow_commit();
    }
}
