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
    /** @var int numbers above this stand for groups that were not restored: no group of the site has one */
    private const LOST = 1000000000;

    /**
     * A number in place of a group that was not restored: what was written in it is no mentor's any more.
     *
     * @param int $groupid in the backup
     * @return int
     */
    public static function lost_group(int $groupid): int {
        return self::is_lost($groupid) ? $groupid : self::LOST + $groupid;
    }

    /**
     * Whether a number stands for a group that was not restored.
     *
     * @param int $groupid
     * @return bool
     */
    public static function is_lost(int $groupid): bool {
        return $groupid > self::LOST;
    }

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
     * Carried rows and choices name people and groups by number; on another site they have other numbers.
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
                    $content[$table][$index]['id'] = self::named((string)$row['id'], $user, $group);
                } else if (is_array($row) && isset($row['value'])) {
                    $content[$table][$index]['value'] = self::choice($row['value'], $user);
                }
            }
        }
        // A row may propose a choice.
        return self::people_in_choices(json::object($content), self::choices_in($carried), $user);
    }

    /**
     * Answers that are choices among people, with the numbers of here.
     *
     * @param string $answers JSON
     * @param string[] $keys items, or table.column, whose options are people and the like; nothing else is touched
     * @param callable $user number here of a user in the backup, 0 for none
     * @return string JSON
     */
    public static function people_in_choices(string $answers, array $keys, callable $user): string {
        $content = json::decode($answers);
        $renumber = fn($value) => is_array($value)
            ? array_map(fn($one) => self::choice($one, $user), $value) : self::choice($value, $user);
        foreach ($keys as $key) {
            [$item, $column] = explode('.', $key) + [1 => ''];
            if ($column === '' && isset($content[$item])) {
                $content[$item] = $renumber($content[$item]);
            }
            foreach ($column !== '' && is_array($content[$item] ?? null) ? $content[$item] : [] as $index => $row) {
                if (isset($row[$column])) {
                    $content[$item][$index][$column] = $renumber($row[$column]);
                }
            }
        }
        return json::object($content);
    }

    /**
     * The items and columns for which options were carried.
     *
     * @param string $carried JSON
     * @return string[] as people_in_choices takes them
     */
    public static function choices_in(string $carried): array {
        $keys = array_filter(array_keys(json::decode($carried)), fn($key) => str_ends_with($key, '.options'));
        return array_map(fn($key) => substr($key, 0, -strlen('.options')), $keys);
    }

    /**
     * A choice, with the number of here if it is a person.
     *
     * @param mixed $value
     * @param callable $user
     * @return mixed of somebody who was not restored a name that no other person has
     */
    private static function choice($value, callable $user) {
        if (!is_string($value) || !preg_match('/^p(\d+)$/D', $value, $match)) {
            return $value;
        }
        $id = $user((int)$match[1]);
        return $id ? "p$id" : "gone$match[1]";
    }

    /**
     * The name of a row or a signal with the numbers of here; see personal::person_of_row.
     *
     * @param string $id
     * @param callable $user
     * @param callable $group
     * @return string
     */
    public static function named(string $id, callable $user, callable $group): string {
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
            self::named($match[4], $user, $group),
        ]);
    }
}
