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
 * What the service pushes for a session: stored by key, a higher revision replaces a lower one.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class pushed {
    /**
     * Stores items.
     *
     * @param string $table monitoringsession_personal or monitoringsession_summary
     * @param session $session
     * @param array $items lists of key fields, revision, content
     * @return int[] stored, ignored
     */
    public static function store_all(string $table, session $session, array $items): array {
        global $DB;
        $stored = 0;
        $lock = \core\lock\lock_config::get_lock_factory('mod_monitoringsession')->get_lock("$table{$session->row->id}", 10);
        if (!$lock) {
            throw new \moodle_exception('locktimeout', 'mod_monitoringsession');
        }
        try {
            $transaction = $DB->start_delegated_transaction();
            foreach ($items as [$key, $revision, $content]) {
                $key = ['monitoringsession' => $session->row->id] + $key;
                $known = $DB->get_record($table, $key, 'id, revision');
                if ($known && $revision <= $known->revision) {
                    continue;
                }
                $row = (object)($key + ['revision' => $revision, 'content' => $content, 'timemodified' => time()]);
                if ($known) {
                    $row->id = $known->id;
                    $DB->update_record($table, $row);
                } else {
                    $DB->insert_record($table, $row);
                }
                $stored++;
            }
            $transaction->allow_commit();
        } finally {
            $lock->release();
        }
        return ['stored' => $stored, 'ignored' => count($items) - $stored];
    }
}
