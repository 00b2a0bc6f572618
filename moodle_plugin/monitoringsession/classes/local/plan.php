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

defined('MOODLE_INTERNAL') || die();

require_once($CFG->dirroot . '/course/lib.php');
require_once($CFG->dirroot . '/course/modlib.php');

/**
 * The plan of the sessions of a course: proposes dates, and puts the sessions into the course.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class plan {
    /** @var string[] frequencies to choose from */
    public const FREQUENCIES = ['f_monthly', 'f_bimonthly', 'f_few'];

    /** @var int most sessions of a plan */
    public const MOST = 26;

    /**
     * The stored plan of a course.
     *
     * @param int $courseid
     * @return \stdClass|null
     */
    public static function of(int $courseid): ?\stdClass {
        global $DB;
        return $DB->get_record('monitoringsession_plan', ['course' => $courseid]) ?: null;
    }

    /**
     * Stores what the dates were made from.
     *
     * @param int $courseid
     * @param \stdClass $data startdate, enddate, frequency, interimcount, filldays, weekend, language
     */
    public static function remember(int $courseid, \stdClass $data): void {
        global $DB, $USER;
        $fields = ['startdate', 'enddate', 'frequency', 'interimcount', 'filldays', 'weekend', 'language'];
        $row = (object)array_intersect_key((array)$data, array_flip($fields));
        $row->course = $courseid;
        $row->usermodified = $USER->id;
        $row->timemodified = time();
        $known = self::of($courseid);
        if ($known) {
            $row->id = $known->id;
            $DB->update_record('monitoringsession_plan', $row);
        } else {
            $DB->insert_record('monitoringsession_plan', $row);
        }
    }

    /**
     * Asks the service for dates: only it knows the rules and the holidays.
     *
     * @param \stdClass $data of the plan
     * @return array|null [days as [date, due], remarks]; null when the service does not answer
     */
    public static function propose(\stdClass $data): ?array {
        if (pairing::active()) {
            $message = [
                'start' => $data->startdate,
                'end' => $data->enddate,
                'frequency' => $data->frequency,
                'fill_days' => (int)$data->filldays,
                'weekend' => $data->weekend,
            ];
            if ($data->frequency === 'f_few') {
                $message['interim_count'] = (int)$data->interimcount;
            }
            $reply = service::call('/api/plan', $message, 3);
            $sessions = $reply->body['sessions'] ?? [];
            if ($reply->accepted() && $sessions) {
                return [
                    array_map(fn($one) => [$one['date'], $one['due']], $sessions),
                    array_map(fn($note) => texts::pick($note), $reply->body['notes'] ?? []),
                ];
            }
        }
        return null;
    }

    /**
     * The planned sessions that stand in a course.
     *
     * @param int $courseid
     * @return \stdClass[] rows of monitoringsession by number, each with cmid
     */
    public static function existing(int $courseid): array {
        global $DB;
        $rows = $DB->get_records_sql(
            "SELECT s.*, cm.id AS cmid
               FROM {monitoringsession} s
               JOIN {course_modules} cm ON cm.instance = s.id AND cm.deletioninprogress = 0
               JOIN {modules} m ON m.id = cm.module AND m.name = 'monitoringsession'
              WHERE s.course = ? AND s.planned = 1
           ORDER BY s.number, s.id",
            [$courseid]
        );
        $found = [];
        foreach ($rows as $row) {
            $found[$row->number] ??= $row;
        }
        return $found;
    }

    /**
     * Puts the sessions into the course: makes what is missing, moves what is there, never touches what holds answers
     * but for its dates.
     *
     * @param \stdClass $course
     * @param array[] $days date and due, in order
     * @param string $language
     * @return int[] made, changed, removed, kept
     */
    public static function apply(\stdClass $course, array $days, string $language): array {
        $done = ['made' => 0, 'changed' => 0, 'removed' => 0, 'kept' => 0];
        $existing = self::existing((int)$course->id);
        foreach (array_values($days) as $index => [$date, $due]) {
            $number = $index + 1;
            $wanted = (object)[
                'number' => $number,
                'kind' => self::kind($index, count($days)),
                'opens' => dates::moment($date, '00:00'),
                'due' => dates::moment($due, '23:59'),
                'language' => $language,
            ];
            if (isset($existing[$number])) {
                $done[self::adjust($course, $existing[$number], $wanted) ? 'changed' : 'kept']++;
            } else {
                self::make($course, $wanted);
                $done['made']++;
            }
        }
        foreach ($existing as $number => $row) {
            if ($number > count($days)) {
                if (self::holds_answers($row)) {
                    $done['kept']++;
                } else {
                    self::delete_module($course, (int)$row->cmid);
                    $done['removed']++;
                }
            }
        }
        rebuild_course_cache($course->id, true);
        return $done;
    }

    /**
     * The kind of session at a place in the plan.
     *
     * @param int $index from 0
     * @param int $count
     * @return string
     */
    public static function kind(int $index, int $count): string {
        return $index === 0 ? 'initial' : ($index === $count - 1 ? 'final' : 'interim');
    }

    /**
     * Whether a course has groups; sessions planned before it has any are held by everybody together.
     *
     * @param int $courseid
     * @return bool
     */
    public static function has_groups(int $courseid): bool {
        global $DB;
        return $DB->record_exists('groups', ['courseid' => $courseid]);
    }

    /**
     * The name a planned session gets.
     *
     * @param int $number
     * @param string $kind
     * @param string $language
     * @return string
     */
    public static function name(int $number, string $kind, string $language): string {
        $manager = get_string_manager();
        $language = $manager->translation_exists($language, false) ? $language : current_language();
        return $manager->get_string('plannedname', 'mod_monitoringsession', (object)[
            'number' => $number,
            'kind' => $manager->get_string("plannedkind_$kind", 'mod_monitoringsession', null, $language),
        ], $language);
    }

    /**
     * Whether somebody has begun to answer in a session.
     *
     * @param \stdClass $row
     * @return bool
     */
    public static function holds_answers(\stdClass $row): bool {
        global $DB;
        $own = ['monitoringsession' => $row->id];
        return $DB->record_exists('monitoringsession_submission', $own) || $DB->record_exists('monitoringsession_draft', $own);
    }

    /**
     * Makes a session in a section of its own.
     *
     * @param \stdClass $course
     * @param \stdClass $wanted
     */
    private static function make(\stdClass $course, \stdClass $wanted): void {
        global $DB;
        $name = self::name($wanted->number, $wanted->kind, $wanted->language);
        $section = 0;
        if (course_format_uses_sections($course->format)) {
            $made = course_create_section($course, 0);
            course_update_section($course, $made, ['name' => $name]);
            $section = $made->section;
        }
        $grouped = self::has_groups((int)$course->id);
        $completion = !empty($course->enablecompletion);
        add_moduleinfo((object)((array)$wanted + [
            'modulename' => 'monitoringsession',
            'module' => $DB->get_field('modules', 'id', ['name' => 'monitoringsession'], MUST_EXIST),
            'section' => $section,
            'visible' => 1,
            'visibleoncoursepage' => 1,
            'cmidnumber' => '',
            'groupmode' => $course->groupmode ?: ($grouped ? SEPARATEGROUPS : NOGROUPS),
            'groupingid' => $course->defaultgroupingid,
            'name' => $name,
            'intro' => '',
            'introformat' => FORMAT_HTML,
            'instruments' => implode(',', definition::usual($wanted->kind, (int)$course->id)),
            'planned' => 1,
            'completion' => $completion ? COMPLETION_TRACKING_AUTOMATIC : COMPLETION_TRACKING_NONE,
            'completionsubmit' => (int)$completion,
        ]), $course);
    }

    /**
     * Moves a session that is there.
     *
     * @param \stdClass $course
     * @param \stdClass $row
     * @param \stdClass $wanted
     * @return bool whether anything changed
     */
    private static function adjust(\stdClass $course, \stdClass $row, \stdClass $wanted): bool {
        global $DB;
        $change = ['opens' => $wanted->opens, 'due' => $wanted->due];
        if (!self::holds_answers($row)) {
            $change['language'] = $wanted->language;
            if ($row->kind !== $wanted->kind) {
                $change['kind'] = $wanted->kind;
                $change['instruments'] = implode(',', definition::usual($wanted->kind, (int)$course->id));
            }
            // A name somebody gave stays.
            if ($row->name === self::name((int)$row->number, $row->kind, $row->language)) {
                $change['name'] = self::name($wanted->number, $wanted->kind, $wanted->language);
            }
        }
        $change = array_filter($change, fn($value, $field) => (string)$row->$field !== (string)$value, ARRAY_FILTER_USE_BOTH);
        if (!$change) {
            return false;
        }
        $moved = isset($change['opens']) && $change['opens'] > time();
        if ($moved) {
            $change['announced'] = 0;
        }
        $transaction = $DB->start_delegated_transaction();
        if ($moved) {
            told::forget_opening((int)$row->id);
        }
        $DB->update_record('monitoringsession', (object)($change + ['id' => $row->id, 'timemodified' => time()]));
        $fresh = $DB->get_record('monitoringsession', ['id' => $row->id], '*', MUST_EXIST);
        session::tell($fresh, 'updated');
        $transaction->allow_commit();
        calendar::write($fresh, (int)$row->cmid);
        if (isset($change['name'])) {
            self::rename_section($course, (int)$row->cmid, $row->name, $change['name']);
        }
        return true;
    }

    /**
     * Deletes an activity; Moodle 5.2 has another way and will drop the old one.
     *
     * @param \stdClass $course
     * @param int $cmid
     */
    private static function delete_module(\stdClass $course, int $cmid): void {
        $actions = \core_courseformat\formatactions::cm($course);
        if (method_exists($actions, 'delete')) {
            $actions->delete($cmid);
        } else {
            course_delete_module($cmid);
        }
    }

    /**
     * Gives the section of a session the session's new name; one that somebody else named stays.
     *
     * @param \stdClass $course
     * @param int $cmid
     * @param string $before
     * @param string $name
     */
    private static function rename_section(\stdClass $course, int $cmid, string $before, string $name): void {
        global $DB;
        $section = $DB->get_record_sql(
            'SELECT s.* FROM {course_sections} s JOIN {course_modules} cm ON cm.section = s.id WHERE cm.id = ?',
            [$cmid]
        );
        if ($section && $section->name === $before) {
            course_update_section($course, $section, ['name' => $name]);
        }
    }
}
