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

namespace mod_monitoringsession\external;

use core_external\external_api;
use core_external\external_function_parameters;
use core_external\external_single_structure;
use core_external\external_value;
use mod_monitoringsession\local\access;
use mod_monitoringsession\local\drafts;
use mod_monitoringsession\local\fields;
use mod_monitoringsession\local\session;
use mod_monitoringsession\local\slot;

/**
 * Saves the draft of the calling user while a form is being filled in.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class save_draft extends external_api {
    /**
     * Parameters.
     *
     * @return external_function_parameters
     */
    public static function execute_parameters(): external_function_parameters {
        return new external_function_parameters([
            'cmid' => new external_value(PARAM_INT, 'Course module id'),
            'instrument' => new external_value(PARAM_ALPHANUMEXT, 'Instrument'),
            'group' => new external_value(PARAM_INT, 'Group id, 0 without groups'),
            'revision' => new external_value(PARAM_INT, 'Revision of the draft the form was opened with'),
            'fields' => new external_value(PARAM_RAW, 'The form, url-encoded'),
        ]);
    }

    /**
     * Saves.
     *
     * @param int $cmid
     * @param string $instrument
     * @param int $group
     * @param int $revision
     * @param string $fields
     * @return array
     */
    public static function execute(int $cmid, string $instrument, int $group, int $revision, string $fields): array {
        global $USER;
        $params = self::validate_parameters(
            self::execute_parameters(),
            compact('cmid', 'instrument', 'group', 'revision', 'fields')
        );
        $session = session::of_cm($params['cmid']);
        self::validate_context($session->context());
        require_capability('mod/monitoringsession:view', $session->context());
        $slot = slot::find($session, new access($session, (int)$USER->id), $params['instrument'], $params['group']);
        if (!$slot || !$slot->fillable() || \core\session\manager::is_loggedinas()) {
            throw new \moodle_exception('errornoform', 'mod_monitoringsession');
        }
        parse_str($params['fields'], $raw);
        if (!isset($raw[fields::END])) {
            throw new \moodle_exception('errortoolarge', 'mod_monitoringsession');
        }
        return ['revision' => drafts::save($slot, fields::read($slot, $raw), $params['revision'])];
    }

    /**
     * Answer.
     *
     * @return external_single_structure
     */
    public static function execute_returns(): external_single_structure {
        return new external_single_structure([
            'revision' => new external_value(PARAM_INT, 'New revision; 0: saved elsewhere meanwhile, nothing was overwritten'),
        ]);
    }
}
