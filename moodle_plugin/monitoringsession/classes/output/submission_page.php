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

namespace mod_monitoringsession\output;

use mod_monitoringsession\local\access;
use mod_monitoringsession\local\definition;
use mod_monitoringsession\local\documents;
use mod_monitoringsession\local\json;
use mod_monitoringsession\local\personal;
use mod_monitoringsession\local\session;
use mod_monitoringsession\local\submissions;
use mod_monitoringsession\local\visibility;
use moodle_url;
use renderer_base;

/**
 * The page of one submission.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class submission_page implements \renderable, \templatable {
    /**
     * Constructor.
     *
     * @param session $session
     * @param access $access
     * @param \stdClass $submission
     * @param definition|null $definition
     * @param string $variant full or mentor
     */
    public function __construct(
        /** @var session session */
        private session $session,
        /** @var access what the viewer may do */
        private access $access,
        /** @var \stdClass submission */
        private \stdClass $submission,
        /** @var definition|null definition, null where its version is missing */
        private ?definition $definition,
        /** @var string variant */
        private string $variant,
    ) {
    }

    /**
     * The address of a submission.
     *
     * @param session $session
     * @param int $id
     * @return string
     */
    public static function url(session $session, int $id): string {
        $address = ['id' => $session->cm->id, 'submission' => $id];
        return (new moodle_url('/mod/monitoringsession/submission.php', $address))->out(false);
    }

    /**
     * Data for the template submission_page.
     *
     * @param renderer_base $output
     * @return array
     */
    public function export_for_template(renderer_base $output): array {
        global $DB;
        $submission = $this->submission;
        $author = \core_user::get_user($submission->userid);
        $personal = new personal(['carried' => visibility::instead($this->variant, json::decode($submission->carried))]);
        $answers = json::decode($submission->answers);
        $sheet = match (true) {
            (bool)$this->definition => new answer_sheet($this->definition, $answers, $personal, $this->session, $this->variant),
            $this->variant === 'full' => new stored_answers($answers, definition::closest($submission)),
            default => null,
        };
        $title = definition::title_of($submission);
        $mayreopen = $this->access->coordinator && (int)$submission->userid !== $this->access->userid
            && $submission->state === submissions::SUBMITTED
            && $this->session->accepts((int)$submission->userid, $submission->role);
        return [
            'title' => $title,
            'author' => $author ? fullname($author) : '',
            'group' => $this->session->shown($submission->groupname),
            'version' => (int)$submission->version,
            'submitted' => userdate($submission->timesubmitted, get_string('strftimedaydatetime', 'langconfig')),
            'superseded' => $submission->state === submissions::SUPERSEDED,
            'mentorcopy' => $this->variant === 'mentor',
            'noversion' => $this->definition ? '' : get_string(
                $sheet ? 'answersnoversion' : 'nosheet',
                'mod_monitoringsession',
                $submission->instrumentversion
            ),
            'sheet' => $sheet ? $sheet->export_for_template($output) : null,
            'documents' => $this->documents(),
            'versions' => $this->versions(),
            'homeurl' => (new moodle_url('/mod/monitoringsession/view.php', ['id' => $this->session->cm->id]))->out(false),
            'mayreopen' => $mayreopen,
            'action' => (new moodle_url('/mod/monitoringsession/manage.php'))->out(false),
            'cmid' => $this->session->cm->id,
            'submission' => $submission->id,
            'sesskey' => sesskey(),
        ];
    }

    /**
     * Documents of this version that the viewer may open.
     *
     * @return array[]
     */
    private function documents(): array {
        global $DB;
        $list = [];
        $title = definition::title_of($this->submission);
        $rows = $DB->get_records('monitoringsession_document', ['submission' => $this->submission->uuid], 'variant');
        foreach ($rows as $row) {
            if ($this->access->may_open($row, $this->submission)) {
                $list[] = [
                    'url' => documents::url($this->session->context(), $row)->out(false),
                    'title' => $title,
                    'filename' => $row->filename,
                    'size' => display_size($row->filesize),
                    'sha256' => $row->sha256,
                    'stored' => userdate($row->timestored, get_string('strftimedatetimeshort', 'langconfig')),
                    'version' => (int)$this->submission->version,
                    'superseded' => $row->state === 'superseded',
                    'mentorcopy' => $row->variant === 'mentor',
                ];
            }
        }
        return $list;
    }

    /**
     * The other versions of the same form.
     *
     * @return array[]
     */
    private function versions(): array {
        global $DB;
        $list = [];
        $rows = $DB->get_records('monitoringsession_submission', [
            'monitoringsession' => $this->submission->monitoringsession,
            'instrument' => $this->submission->instrument,
            'groupid' => $this->submission->groupid,
            'userid' => $this->submission->userid,
        ], 'version', 'id, version, timesubmitted');
        foreach (count($rows) > 1 ? $rows : [] as $row) {
            $list[] = [
                'label' => get_string('versionnumber', 'mod_monitoringsession', $row->version),
                'when' => userdate($row->timesubmitted, get_string('strftimedatetimeshort', 'langconfig')),
                'this' => $row->id == $this->submission->id,
                'url' => (new moodle_url('/mod/monitoringsession/submission.php', [
                    'id' => $this->session->cm->id,
                    'submission' => $row->id,
                ]))->out(false),
            ];
        }
        return $list;
    }
}
