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
 * A push with a scope says all there is in it, in parts; with the last one what was not named is withdrawn.
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
     * @param array[] $unchanged key fields of what stays as it is
     * @param array $push scope, group, revision, part, last; scope empty = complete for nothing
     * @return int[] stored, ignored, withdrawn
     */
    public static function store_all(string $table, session $session, array $items, array $unchanged, array $push): array {
        global $DB;
        $lock = \core\lock\lock_config::get_lock_factory('mod_monitoringsession')->get_lock("$table{$session->row->id}", 10);
        if (!$lock) {
            throw new \moodle_exception('locktimeout', 'mod_monitoringsession');
        }
        $expectations = $table === 'monitoringsession_personal' ? new expectations($session) : null;
        try {
            $known = self::known($table, $session, [...array_column($items, 0), ...$unchanged]);
            $fresh = [];
            $changed = [];
            $stored = 0;
            foreach ($items as [$key, $revision, $content]) {
                $name = implode(' ', $key);
                if (isset($known[$name]) && $revision <= $known[$name]->revision) {
                    continue;
                }
                $row = ['monitoringsession' => $session->row->id] + $key
                    + ['revision' => $revision, 'withdrawn' => 0, 'content' => $content, 'timemodified' => time()];
                if (isset($known[$name]->id)) {
                    $changed[$name] = (object)(['id' => $known[$name]->id] + $row);
                } else {
                    $fresh[$name] = $row;
                }
                $expectations?->note($key['userid'], $known[$name] ?? null, (object)$row);
                // The same form may come twice in one push.
                $known[$name] ??= new \stdClass();
                $known[$name]->revision = $revision;
                $stored++;
            }
            foreach ($unchanged as $key) {
                $row = $known[implode(' ', $key)] ?? null;
                if (isset($row->id) && $row->revision < $push['revision']) {
                    $stands = (object)['id' => $row->id, 'revision' => $push['revision'], 'withdrawn' => 0];
                    $expectations?->note($key['userid'], $row, (object)['withdrawn' => 0, 'content' => $row->content ?? '']);
                    $changed["$row->id as it is"] = $stands;
                }
            }
            $transaction = $DB->start_delegated_transaction();
            foreach ($changed as $row) {
                $DB->update_record($table, $row);
            }
            $DB->insert_records($table, $fresh);
            $withdrawn = self::arrived($table, $session, $push) ? self::withdraw($table, $session, $push, $expectations) : 0;
            $transaction->allow_commit();
        } finally {
            $lock->release();
        }
        $expectations?->tell();
        return ['stored' => $stored, 'ignored' => count($items) - $stored, 'withdrawn' => $withdrawn];
    }

    /**
     * Notes a part of a push that says all there is.
     *
     * @param string $table
     * @param session $session
     * @param array $push
     * @return bool whether it was the last one and all before it have come
     */
    private static function arrived(string $table, session $session, array $push): bool {
        global $DB;
        if ($push['scope'] === '') {
            return false;
        }
        $key = [
            'monitoringsession' => $session->row->id,
            'kind' => substr($table, strlen('monitoringsession_')),
            'scope' => $push['scope'],
            'groupid' => $push['group'],
        ];
        $known = $DB->get_record('monitoringsession_push', $key);
        if ($known && $known->revision > $push['revision']) {
            // A newer push says what stands.
            return false;
        }
        $came = $known && (int)$known->revision === $push['revision'] ? (int)$known->parts : 0;
        if ($push['part'] > $came + 1) {
            if ($push['last']) {
                throw new \moodle_exception('partmissing', 'mod_monitoringsession');
            }
            return false;
        }
        $row = (object)($key + ['revision' => $push['revision'], 'parts' => max($came, $push['part'])]);
        if ($known) {
            $row->id = $known->id;
            $DB->update_record('monitoringsession_push', $row);
        } else {
            $DB->insert_record('monitoringsession_push', $row);
        }
        return (bool)$push['last'];
    }

    /**
     * Withdraws what a push that says all there is has not named.
     *
     * @param string $table
     * @param session $session
     * @param array $push
     * @param expectations|null $expectations
     * @return int how many rows
     */
    private static function withdraw(string $table, session $session, array $push, ?expectations $expectations): int {
        global $DB;
        $where = 'monitoringsession = :session AND revision < :revision AND withdrawn = 0';
        $params = ['session' => $session->row->id, 'revision' => $push['revision']];
        if ($push['scope'] === 'group') {
            $where .= ' AND groupid = :groupid';
            $params['groupid'] = $push['group'];
        }
        $rows = $DB->get_records_select($table, $where, $params, 'id', $expectations ? 'id, userid, withdrawn, content' : 'id');
        foreach ($rows as $row) {
            $gone = (object)['id' => $row->id, 'withdrawn' => time(), 'revision' => $push['revision']];
            $expectations?->note((int)$row->userid, $row, $gone);
            $DB->update_record($table, $gone);
        }
        return count($rows);
    }

    /**
     * What is stored already of the people that a push is about.
     *
     * @param string $table
     * @param session $session
     * @param array[] $keys key fields, userid among them
     * @return \stdClass[] id, revision, withdrawn (of personal data content too) by the words of the key
     */
    private static function known(string $table, session $session, array $keys): array {
        global $DB;
        if (!$keys) {
            return [];
        }
        $fields = array_keys(reset($keys));
        [$in, $params] = $DB->get_in_or_equal(array_unique(array_column($keys, 'userid')));
        $known = [];
        $columns = ['id', 'revision', 'withdrawn', ...($table === 'monitoringsession_personal' ? ['content'] : []), ...$fields];
        $rows = $DB->get_recordset_select(
            $table,
            "monitoringsession = ? AND userid $in",
            [$session->row->id, ...$params],
            '',
            implode(', ', $columns)
        );
        foreach ($rows as $row) {
            $name = implode(' ', array_map(fn($field) => $row->$field, $fields));
            if (isset($row->content)) {
                // Content is large; one fact of it matters here.
                $row->content = expectations::expects($row->content) ? '' : '{"expected":false}';
            }
            $known[$name] = $row;
        }
        $rows->close();
        return $known;
    }
}
