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
 * Identity of what comes out of a backup.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class restored {
    /**
     * The UUID of a restored row: its own, unless it is restored beside its original.
     *
     * @param string $table
     * @param string $uuid in the backup
     * @param string $origin in the backup
     * @return string[] uuid, origin
     */
    public static function identity(string $table, string $uuid, string $origin): array {
        global $DB;
        if (!$DB->record_exists($table, ['uuid' => $uuid])) {
            return [$uuid, $origin];
        }
        return [\core\uuid::generate(), $uuid];
    }

    /**
     * The id of a document: UUIDv5 of the submission's id and "variant/language" (RFC 9562).
     *
     * @param string $submission UUID
     * @param string $variant
     * @param string $language
     * @return string
     */
    public static function document_id(string $submission, string $variant, string $language): string {
        $hash = substr(sha1(hex2bin(str_replace('-', '', $submission)) . "$variant/$language", true), 0, 16);
        $hash[6] = chr(ord($hash[6]) & 0x0f | 0x50);
        $hash[8] = chr(ord($hash[8]) & 0x3f | 0x80);
        return vsprintf('%s%s-%s-%s-%s-%s%s%s', str_split(bin2hex($hash), 4));
    }

    /**
     * Carried rows name people and groups by number; on another site they have other numbers.
     *
     * @param string $carried JSON
     * @param callable $user number here of a user in the backup, 0 for none
     * @param callable $group number here of a group in the backup, 0 for none
     * @return string JSON
     */
    public static function people_in_rows(string $carried, callable $user, callable $group): string {
        $content = json::decode($carried);
        foreach ($content as $table => $rows) {
            foreach (is_array($rows) ? $rows : [] as $index => $row) {
                if (is_array($row) && isset($row['id'])) {
                    $content[$table][$index]['id'] = self::row((string)$row['id'], $user, $group);
                }
            }
        }
        return json::object($content);
    }

    /**
     * The name of a row with the numbers of here; see personal::person_of_row.
     *
     * @param string $id
     * @param callable $user
     * @param callable $group
     * @return string
     */
    private static function row(string $id, callable $user, callable $group): string {
        if (preg_match('/^p(\d+)$/D', $id, $match)) {
            return 'p' . $user((int)$match[1]);
        }
        if (!preg_match('/^([0-9a-f]{8}|[a-z_]+)\.(\d+)\.(\d+)\.(.*)$/Ds', $id, $match)) {
            return $id;
        }
        // What a signal is about may be a row in turn, such as a goal.
        return implode('.', [
            $match[1],
            $match[2] ? $group((int)$match[2]) : 0,
            $match[3] ? $user((int)$match[3]) : 0,
            self::row($match[4], $user, $group),
        ]);
    }
}
