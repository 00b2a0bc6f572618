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
 * Makes, changes and deletes sessions, and has the service and the calendar know.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class instance {
    /**
     * Makes a session.
     *
     * @param \stdClass $data of the settings form, or a plain row
     * @return int id
     */
    public static function add(\stdClass $data): int {
        global $DB;
        $row = self::row($data);
        $row->uuid = \core\uuid::generate();
        $row->closed = 0;
        $row->origin = '';
        $row->planned = (int)($data->planned ?? 0);
        $row->announced = 0;
        $row->reminders ??= steps::of_site();
        $row->timecreated = $row->timemodified;
        if ($row->instruments === '') {
            $row->instruments = implode(',', definition::usual($row->kind, (int)$row->course));
        }
        $transaction = $DB->start_delegated_transaction();
        $row->id = $DB->insert_record('monitoringsession', $row);
        versions::settle((int)$row->course);
        session::tell($row, 'created');
        changes::record('participants', 'saved', '', (string)$row->course);
        $transaction->allow_commit();
        calendar::write($row, (int)($data->coursemodule ?? 0));
        return $row->id;
    }

    /**
     * Changes a session.
     *
     * @param \stdClass $data of the settings form
     */
    public static function update(\stdClass $data): void {
        global $DB;
        $row = self::row($data);
        $row->id = $data->instance;
        $before = $DB->get_record('monitoringsession', ['id' => $row->id], '*', MUST_EXIST);
        $moved = (int)$before->opens !== (int)$row->opens && $row->opens > time();
        if ($moved) {
            $row->announced = 0;
        }
        $transaction = $DB->start_delegated_transaction();
        if ($moved) {
            told::forget_opening((int)$row->id);
        }
        $DB->update_record('monitoringsession', $row);
        session::tell($DB->get_record('monitoringsession', ['id' => $row->id]), 'updated');
        $transaction->allow_commit();
        calendar::write($DB->get_record('monitoringsession', ['id' => $row->id]), (int)($data->coursemodule ?? 0));
    }

    /**
     * Deletes a session with everything in it.
     *
     * @param int $id
     * @return bool whether there was one
     */
    public static function delete(int $id): bool {
        global $DB;
        $row = $DB->get_record('monitoringsession', ['id' => $id]);
        if (!$row) {
            return false;
        }
        $transaction = $DB->start_delegated_transaction();
        $own = ['monitoringsession' => $id];
        $tables = ['problem', 'subject', 'submission', 'draft', 'personal', 'summary', 'push', 'document', 'extension', 'roster',
            'decision', 'told'];
        foreach ($tables as $table) {
            $DB->delete_records("monitoringsession_$table", $own);
        }
        $DB->delete_records('event', ['modulename' => 'monitoringsession', 'instance' => $id]);
        $DB->delete_records('monitoringsession', ['id' => $id]);
        session::tell($row, 'deleted');
        $transaction->allow_commit();
        return true;
    }

    /**
     * The columns of a session out of the settings form.
     *
     * @param \stdClass $data
     * @return \stdClass
     */
    private static function row(\stdClass $data): \stdClass {
        $instruments = $data->instruments ?? '';
        if (is_array($instruments)) {
            $instruments = implode(',', array_keys(array_filter($instruments)));
        }
        $steps = isset($data->reminders) ? steps::read((string)$data->reminders) : null;
        return (object)([
            'course' => $data->course,
            'name' => $data->name,
            'intro' => $data->intro ?? '',
            'introformat' => $data->introformat ?? FORMAT_HTML,
            'kind' => in_array($data->kind ?? '', session::KINDS) ? $data->kind : 'initial',
            'number' => max(1, (int)($data->number ?? 1)),
            'opens' => (int)($data->opens ?? 0),
            'due' => (int)($data->due ?? 0),
            'language' => texts::language($data->language ?? current_language()),
            'instruments' => $instruments,
            'completionsubmit' => (int)!empty($data->completionsubmit),
            'timemodified' => time(),
        ] + ($steps === null ? [] : ['reminders' => implode(',', $steps)]));
    }
}
