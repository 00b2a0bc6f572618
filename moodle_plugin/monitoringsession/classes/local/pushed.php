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
        $lock = \core\lock\lock_config::get_lock_factory('mod_monitoringsession')->get_lock("$table{$session->row->id}", 10);
        if (!$lock) {
            throw new \moodle_exception('locktimeout', 'mod_monitoringsession');
        }
        try {
            $known = self::known($table, $session, array_column($items, 0));
            $fresh = [];
            $changed = [];
            $stored = 0;
            foreach ($items as [$key, $revision, $content]) {
                $name = implode(' ', $key);
                if (isset($known[$name]) && $revision <= $known[$name]->revision) {
                    continue;
                }
                $row = ['monitoringsession' => $session->row->id] + $key
                    + ['revision' => $revision, 'content' => $content, 'timemodified' => time()];
                if (isset($known[$name]->id)) {
                    $changed[$name] = (object)(['id' => $known[$name]->id] + $row);
                } else {
                    $fresh[$name] = $row;
                }
                // The same form may come twice in one push.
                $known[$name] ??= new \stdClass();
                $known[$name]->revision = $revision;
                $stored++;
            }
            $transaction = $DB->start_delegated_transaction();
            foreach ($changed as $row) {
                $DB->update_record($table, $row);
            }
            $DB->insert_records($table, $fresh);
            $transaction->allow_commit();
        } finally {
            $lock->release();
        }
        return ['stored' => $stored, 'ignored' => count($items) - $stored];
    }

    /**
     * What is stored already of the people that a push is about.
     *
     * @param string $table
     * @param session $session
     * @param array[] $keys key fields, userid among them
     * @return \stdClass[] id and revision by the words of the key
     */
    private static function known(string $table, session $session, array $keys): array {
        global $DB;
        if (!$keys) {
            return [];
        }
        $fields = array_keys(reset($keys));
        [$in, $params] = $DB->get_in_or_equal(array_unique(array_column($keys, 'userid')));
        $known = [];
        $rows = $DB->get_recordset_select(
            $table,
            "monitoringsession = ? AND userid $in",
            [$session->row->id, ...$params],
            '',
            'id, revision, ' . implode(', ', $fields)
        );
        foreach ($rows as $row) {
            $known[implode(' ', array_map(fn($field) => $row->$field, $fields))] = $row;
        }
        $rows->close();
        return $known;
    }
}
