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
 * Everything of a session as one ZIP file: documents, register with hashes, answers as data.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class archive {
    /**
     * Constructor.
     *
     * @param session $session
     * @param access $access of the coordinator
     */
    public function __construct(
        /** @var session session */
        private session $session,
        /** @var access what the coordinator may see */
        private access $access,
    ) {
    }

    /**
     * Sends the file, without holding it in memory.
     */
    public function send(): void {
        $name = clean_filename($this->session->shown($this->session->row->name));
        $this->write(\core_files\archive_writer::get_stream_writer("$name.zip", \core_files\archive_writer::ZIP_WRITER));
    }

    /**
     * Writes the documents, the register and the session's record.
     *
     * @param \core_files\archive_writer $writer
     */
    public function write(\core_files\archive_writer $writer): void {
        global $DB;
        $register = [[
            'document', 'file', 'person', 'group', 'form', 'variant', 'version', 'state', 'stored', 'sha256', 'answers_sha256',
        ]];
        $titles = array_map(fn(definition $one) => $one->title(), definition::of_session($this->session));
        $names = \core_user\fields::for_name()->get_sql('u', false, '', '', false)->selects;
        $rows = $DB->get_recordset_sql(
            "SELECT d.*, s.userid, s.groupid, s.groupname, s.instrument, s.role, s.version, $names
               FROM {monitoringsession_document} d
               JOIN {monitoringsession_submission} s ON s.uuid = d.submission AND s.monitoringsession = d.monitoringsession
               JOIN {user} u ON u.id = s.userid
              WHERE d.monitoringsession = ?
           ORDER BY d.id",
            [$this->session->row->id]
        );
        $used = [];
        $files = documents::files($this->session->context());
        foreach ($rows as $row) {
            $file = $this->access->may_open($row, $row) ? $files[$row->id] ?? null : null;
            if (!$file) {
                continue;
            }
            $path = self::free("$row->variant/$row->filename", $used);
            $used[$path] = true;
            $writer->add_file_from_stored_file($path, $file);
            $stored = gmdate('Y-m-d\TH:i:s\Z', $row->timestored);
            $whose = [fullname($row), $this->session->shown($row->groupname), $titles[$row->instrument] ?? $row->instrument];
            $facts = [$row->variant, $row->version, $row->state, $stored, $row->sha256, $row->answerssha256];
            $register[] = [$row->uuid, $path, ...$whose, ...$facts];
        }
        $rows->close();
        $writer->add_file_from_string('register.csv', self::csv($register));
        $writer->add_file_from_string('session.json', json::encode($this->session->export()));
        $writer->finish();
    }

    /**
     * A path that no other document has: people of one name have a number behind it.
     *
     * @param string $path ending in .pdf
     * @param bool[] $used by path
     * @return string
     */
    private static function free(string $path, array $used): string {
        $found = $path;
        for ($number = 2; isset($used[$found]); $number++) {
            $found = preg_replace('/(\.[^.]*)?$/D', " ($number)$1", $path, 1);
        }
        return $found;
    }

    /**
     * A table as CSV, with a mark so that spreadsheets read it as UTF-8.
     *
     * @param array[] $rows
     * @return string
     */
    private static function csv(array $rows): string {
        $handle = fopen('php://temp', 'w+');
        foreach ($rows as $row) {
            fputcsv($handle, $row);
        }
        rewind($handle);
        return "\xEF\xBB\xBF" . stream_get_contents($handle);
    }
}
