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

/**
 * What is done with a backup of a session.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

use mod_monitoringsession\local\calendar;
use mod_monitoringsession\local\changes;
use mod_monitoringsession\local\definition;
use mod_monitoringsession\local\restored;
use mod_monitoringsession\local\versions;

/**
 * What is done with a backup of a session. Restored rows send no messages and no hints.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class restore_monitoringsession_activity_structure_step extends restore_activity_structure_step {
    /** @var array UUIDs of this site's submissions by UUID in the backup */
    private array $submissions = [];

    /** @var stdClass|null the restored session */
    private ?stdClass $session = null;

    /**
     * The parts.
     *
     * @return restore_path_element[]
     */
    protected function define_structure() {
        $base = '/activity/monitoringsession';
        $paths = [new restore_path_element('monitoringsession', $base)];
        if ($this->get_setting_value('userinfo')) {
            $paths[] = new restore_path_element('monitoringsession_submission', "$base/submissions/submission");
            $paths[] = new restore_path_element('monitoringsession_subject', "$base/submissions/submission/subjects/subject");
            $paths[] = new restore_path_element('monitoringsession_document', "$base/documents/document");
            $paths[] = new restore_path_element('monitoringsession_draft', "$base/drafts/draft");
            $paths[] = new restore_path_element('monitoringsession_extension', "$base/extensions/extension");
            $paths[] = new restore_path_element('monitoringsession_stretch', "$base/roster/stretch");
            $paths[] = new restore_path_element('monitoringsession_decision', "$base/decisions/decision");
        }
        return $this->prepare_activity_structure($paths);
    }

    /**
     * The session.
     *
     * @param array $data
     */
    protected function process_monitoringsession($data) {
        global $DB;
        $row = (object)$data;
        $row->course = $this->get_courseid();
        $row->opens = $this->apply_date_offset($row->opens);
        $row->due = $this->apply_date_offset($row->due);
        $userinfo = $this->get_setting_value('userinfo');
        $row->closed = $userinfo ? $this->apply_date_offset($row->closed) : 0;
        // It closes by itself some days after it came, not at once; a roster that was fixed stays so.
        $row->reopened = $row->closed ? 0 : time();
        $row->rosterfixed = $userinfo ? $this->apply_date_offset($row->rosterfixed ?? 0) : 0;
        [$row->uuid, $row->origin] = restored::identity('monitoringsession', $row->uuid, (string)$row->origin);
        // What was announced in its time is not announced again.
        $row->announced = $row->opens <= time() ? time() : 0;
        $row->timemodified = time();
        $row->id = $DB->insert_record('monitoringsession', $row);
        $this->apply_activity_instance($row->id);
        $this->session = $row;
        changes::record('participants', 'saved', '', (string)$row->course);
    }

    /**
     * A submission.
     *
     * @param array $data
     */
    protected function process_monitoringsession_submission($data) {
        global $DB;
        $row = (object)$data;
        $old = $row->id;
        $before = $row->uuid;
        $row->userid = $this->get_mappingid('user', $row->userid);
        if (!$row->userid) {
            return;
        }
        $row->groupid = $this->group_here((int)$row->groupid);
        $row->monitoringsession = $this->get_new_parentid('monitoringsession');
        [$row->uuid, $row->origin] = restored::identity('monitoringsession_submission', $row->uuid, (string)$row->origin);
        $row->answers = $this->people_in_choices((string)$row->answers, restored::choices_in((string)$row->carried));
        $row->carried = $this->people_in_rows((string)$row->carried);
        // Two people of the backup may be one here: each form stays, as a version of its own.
        $key = array_intersect_key((array)$row, array_flip(['monitoringsession', 'instrument', 'groupid', 'userid']));
        while ($DB->record_exists('monitoringsession_submission', $key + ['version' => $row->version])) {
            $row->version++;
        }
        $row->id = $DB->insert_record('monitoringsession_submission', $row);
        $this->set_mapping('monitoringsession_submission', $old, $row->id);
        $this->submissions[$before] = $row->uuid;
        changes::record('submission', 'saved', $this->session->uuid, $row->uuid);
    }

    /**
     * The group here of one in the backup; a number that no group has where it was not restored.
     *
     * @param int $groupid 0 = without group
     * @return int
     */
    private function group_here(int $groupid): int {
        return $groupid ? (int)$this->get_mappingid('group', $groupid) ?: restored::lost_group($groupid) : 0;
    }

    /**
     * Rows that name people and groups of the backup, with those of this site.
     *
     * @param string $content JSON
     * @return string
     */
    private function people_in_rows(string $content): string {
        return restored::people_in_rows(
            $content,
            fn(int $id): int => (int)$this->get_mappingid('user', $id),
            fn(int $id): int => $this->group_here($id)
        );
    }

    /**
     * Answers that are choices among people of the backup, with those of this site.
     *
     * @param string $answers JSON
     * @param string[] $keys
     * @return string
     */
    private function people_in_choices(string $answers, array $keys): string {
        return restored::people_in_choices($answers, $keys, fn(int $id): int => (int)$this->get_mappingid('user', $id));
    }

    /**
     * Somebody a submission is about.
     *
     * @param array $data
     */
    protected function process_monitoringsession_subject($data) {
        global $DB;
        $row = (object)$data;
        $row->userid = $this->get_mappingid('user', $row->userid);
        $row->submissionid = $this->get_new_parentid('monitoringsession_submission');
        $row->monitoringsession = $this->session->id;
        $key = ['submissionid' => $row->submissionid, 'userid' => $row->userid];
        if ($row->userid && $row->submissionid && !$DB->record_exists('monitoringsession_subject', $key)) {
            $DB->insert_record('monitoringsession_subject', $row);
        }
    }

    /**
     * A document.
     *
     * @param array $data
     */
    protected function process_monitoringsession_document($data) {
        global $DB;
        $row = (object)$data;
        $old = $row->id;
        if (!isset($this->submissions[$row->submission])) {
            return;
        }
        $row->submission = $this->submissions[$row->submission];
        $row->uuid = restored::document_id($row->submission, $row->variant, $row->language);
        $row->monitoringsession = $this->get_new_parentid('monitoringsession');
        if ($DB->record_exists('monitoringsession_document', ['uuid' => $row->uuid])) {
            // A tombstone from before: the session was deleted and comes back from the recycle bin.
            $DB->delete_records('monitoringsession_document', ['uuid' => $row->uuid]);
        }
        $row->id = $DB->insert_record('monitoringsession_document', $row);
        $this->set_mapping('monitoringsession_document', $old, $row->id, true);
    }

    /**
     * A draft.
     *
     * @param array $data
     */
    protected function process_monitoringsession_draft($data) {
        global $DB;
        $row = (object)$data;
        $row->userid = $this->get_mappingid('user', $row->userid);
        $row->groupid = $this->group_here((int)$row->groupid);
        $row->monitoringsession = $this->get_new_parentid('monitoringsession');
        $definition = definition::in_versions(versions::of($this->session), (string)$row->language)[$row->instrument] ?? null;
        $row->answers = $this->people_in_choices((string)$row->answers, $definition ? $definition->choices_from_data() : []);
        $row->answers = $this->people_in_rows($row->answers);
        $key = array_intersect_key((array)$row, array_flip(['monitoringsession', 'instrument', 'groupid', 'userid']));
        if ($row->userid && !$DB->record_exists('monitoringsession_draft', $key)) {
            $DB->insert_record('monitoringsession_draft', $row);
        }
    }

    /**
     * More time for one person.
     *
     * @param array $data
     */
    protected function process_monitoringsession_extension($data) {
        global $DB;
        $row = (object)$data;
        $row->userid = $this->get_mappingid('user', $row->userid);
        $row->due = $this->apply_date_offset($row->due);
        $row->monitoringsession = $this->get_new_parentid('monitoringsession');
        $key = ['monitoringsession' => $row->monitoringsession, 'userid' => $row->userid];
        if ($row->userid && !$DB->record_exists('monitoringsession_extension', $key)) {
            $DB->insert_record('monitoringsession_extension', $row);
        }
    }

    /**
     * A stretch of time in which somebody was expected.
     *
     * @param array $data
     */
    protected function process_monitoringsession_stretch($data) {
        global $DB;
        $row = (object)$data;
        $row->userid = $this->get_mappingid('user', $row->userid);
        $row->groupid = $this->group_here((int)$row->groupid);
        $row->timestart = $this->apply_date_offset($row->timestart);
        $row->timeend = $this->apply_date_offset($row->timeend);
        $row->monitoringsession = $this->get_new_parentid('monitoringsession');
        if ($row->userid) {
            $DB->insert_record('monitoringsession_roster', $row);
        }
    }

    /**
     * A decision on a signal; one about somebody who was not restored is left out.
     *
     * @param array $data
     */
    protected function process_monitoringsession_decision($data) {
        global $DB;
        $row = (object)$data;
        $about = (int)$row->userid;
        $row->userid = $about ? (int)$this->get_mappingid('user', $about) : 0;
        $row->decider = (int)$this->get_mappingid('user', $row->decider);
        $row->groupid = $this->group_here((int)$row->groupid);
        $row->signalid = restored::named(
            $row->signalid,
            fn(int $id): int => (int)$this->get_mappingid('user', $id),
            fn(int $id): int => $this->group_here($id)
        );
        $row->due = $this->apply_date_offset($row->due);
        $row->monitoringsession = $this->get_new_parentid('monitoringsession');
        [$row->uuid] = restored::identity('monitoringsession_decision', $row->uuid, '');
        if ($row->userid || !$about) {
            $DB->insert_record('monitoringsession_decision', $row);
            changes::record('decision', 'saved', $this->session->uuid, $row->uuid);
        }
    }

    /**
     * Files, and the calendar.
     */
    protected function after_execute() {
        $this->add_related_files('mod_monitoringsession', 'intro', null);
        $this->add_related_files('mod_monitoringsession', 'document', 'monitoringsession_document');
        versions::follow_submissions((int)$this->session->id);
        versions::settle((int)$this->session->course);
        changes::record('session', 'saved', $this->session->uuid, $this->session->uuid);
        calendar::write($this->session, (int)$this->task->get_moduleid());
    }
}
