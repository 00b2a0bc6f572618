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
use mod_monitoringsession\local\session;

/**
 * The documents of submissions that one viewer may open, as pages show them.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class document_list {
    /** @var array[] documents by submission UUID */
    private array $documents = [];

    /** @var string[]|null titles of forms by instrument, once read */
    private ?array $titles = null;

    /**
     * Constructor.
     *
     * @param session $session
     * @param access $access
     */
    public function __construct(
        /** @var session session */
        private session $session,
        /** @var access what the viewer may see */
        private access $access,
    ) {
    }

    /**
     * Reads the documents of some submissions.
     *
     * @param string $where of the submissions s
     * @param array $params
     */
    public function read(string $where, array $params): void {
        global $DB;
        $rows = $DB->get_recordset_sql(
            "SELECT d.*, s.userid, s.groupid, s.role, s.instrument, s.version, s.id AS submissionid, s.language AS formlanguage
               FROM {monitoringsession_document} d
               JOIN {monitoringsession_submission} s ON s.uuid = d.submission AND s.monitoringsession = d.monitoringsession
              WHERE d.monitoringsession = ? AND d.state <> 'erased' AND $where
           ORDER BY s.version DESC, d.variant",
            [$this->session->row->id, ...$params]
        );
        foreach ($rows as $row) {
            if ($this->access->may_open($row, $row)) {
                $this->documents[$row->submission][] = $row;
            }
        }
        $rows->close();
    }

    /**
     * Reads the documents of these submissions, as far as they have not been read.
     *
     * @param string[] $uuids
     */
    public function read_of(array $uuids): void {
        global $DB;
        $uuids = array_diff(array_unique($uuids), array_keys($this->documents));
        if ($uuids) {
            [$in, $params] = $DB->get_in_or_equal($uuids);
            $this->read("s.uuid $in", $params);
        }
    }

    /**
     * What was read of a submission.
     *
     * @param string $uuid
     * @return \stdClass[] rows of the register, with facts of the submission
     */
    public function of(string $uuid): array {
        return $this->documents[$uuid] ?? [];
    }

    /**
     * Everything that was read.
     *
     * @return \stdClass[]
     */
    public function all(): array {
        return array_merge(...array_values($this->documents));
    }

    /**
     * A document as a link.
     *
     * @param \stdClass $document
     * @return array
     */
    public function link(\stdClass $document): array {
        return [
            'url' => documents::url($this->session->context(), $document)->out(false),
            'filename' => $document->filename,
            'size' => display_size($document->filesize),
            'sha256' => $document->sha256,
            'stored' => userdate($document->timestored, get_string('strftimedatetimeshort', 'langconfig')),
            'version' => (int)$document->version,
            'superseded' => $document->state === 'superseded',
            'mentorcopy' => $document->variant === 'mentor',
        ];
    }

    /**
     * What a document is called: a coordinator has one of each kind for every group.
     *
     * @param \stdClass $document
     * @return string
     */
    public function title(\stdClass $document): string {
        $own = fn() => array_map(fn(definition $one) => $one->title(), definition::of_session($this->session));
        $this->titles ??= $own();
        $title = $this->titles[$document->instrument] ?? $document->instrument;
        $groups = $this->session->groups();
        $name = count($groups) > 1 && $document->role === 'coordinator' ? $groups[(int)$document->groupid] ?? '' : '';
        return $name === '' ? $title : "$title, " . $this->session->shown($name);
    }
}
