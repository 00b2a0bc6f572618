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
use mod_monitoringsession\local\aside;
use mod_monitoringsession\local\definition;
use mod_monitoringsession\local\json;
use mod_monitoringsession\local\problems;
use mod_monitoringsession\local\session;
use mod_monitoringsession\local\texts;
use mod_monitoringsession\local\versions;
use moodle_url;
use renderer_base;

/**
 * What only a coordinator sees of a session: problems and actions.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class coordinator_desk implements \renderable, \templatable {
    /**
     * Constructor.
     *
     * @param session $session
     * @param access $access of the coordinator
     */
    public function __construct(
        /** @var session session */
        private session $session,
        /** @var access of the coordinator */
        private access $access,
    ) {
    }

    /**
     * Data for the template coordinator.
     *
     * @param renderer_base $output
     * @return array
     */
    public function export_for_template(renderer_base $output): array {
        global $DB;
        $problems = [];
        $names = \core_user\fields::for_name()->get_sql('u', false, '', '', false)->selects;
        $rows = $DB->get_records_sql(
            "SELECT p.*, s.instrument, s.userid, s.groupid, s.role, $names
               FROM {monitoringsession_problem} p
               JOIN {monitoringsession_submission} s ON s.id = p.submissionid
               JOIN {user} u ON u.id = s.userid
              WHERE p.monitoringsession = ? AND p.state = 'open'
           ORDER BY p.timemodified DESC",
            [$this->session->row->id],
            0,
            100
        );
        $titles = array_map(fn(definition $one) => $one->title(), definition::of_session($this->session));
        foreach ($rows as $row) {
            if ($this->access->variant($row) === '') {
                continue;
            }
            $content = json::decode($row->content);
            $problems[] = [
                'person' => fullname($row),
                'form' => $titles[$row->instrument] ?? $row->instrument,
                'title' => texts::pick($content['title'] ?? $row->code),
                // What the service writes for a correction is meant for the author.
                'remedy' => $row->kind === problems::CORRECTION ? get_string('correctionasked', 'mod_monitoringsession')
                    : texts::pick($content['remedy'] ?? ''),
                'reason' => $row->kind === problems::FAILED ? texts::pick($content['reason'] ?? '') : '',
                'again' => !empty($content['again']) ? session_page::when((int)$content['again']) : '',
                'since' => session_page::when((int)$row->timecreated),
                'submission' => $row->submissionid,
                'failed' => $row->kind === 'failed',
            ];
        }
        $aside = array_map(fn(array $thing): array => [
            'reason' => texts::pick($thing['reason'] ?? ''),
            'remedy' => texts::pick($thing['remedy'] ?? ''),
            'since' => session_page::when((int)($thing['since'] ?? 0)),
        ], aside::of($this->session));
        $outdated = [];
        foreach (versions::outdated($this->session) as $instrument => $one) {
            $outdated[] = $one + ['form' => $titles[$instrument] ?? $instrument];
        }
        $here = ['id' => $this->session->cm->id];
        return [
            'problems' => $problems,
            'aside' => $aside,
            'hasproblems' => $problems || $aside,
            'action' => (new moodle_url('/mod/monitoringsession/manage.php'))->out(false),
            'cmid' => $this->session->cm->id,
            'sesskey' => sesskey(),
            'outdated' => $outdated,
            'hasoutdated' => (bool)$outdated,
            'maymove' => in_array(false, array_column($outdated, 'begun')),
            'isclosed' => $this->session->closed(),
            'zipurl' => (new moodle_url('/mod/monitoringsession/export.php', $here + ['sesskey' => sesskey()]))->out(false),
            'remindurl' => (new moodle_url('/mod/monitoringsession/remind.php', $here))->out(false),
            'reopenurl' => (new moodle_url('/mod/monitoringsession/reopen.php', $here))->out(false),
            'extensionurl' => (new moodle_url('/mod/monitoringsession/extension.php', $here))->out(false),
        ];
    }
}
