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

/**
 * Restore of a session.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

require_once($CFG->dirroot . '/mod/monitoringsession/backup/moodle2/restore_monitoringsession_stepslib.php');

/**
 * Restore of a session.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class restore_monitoringsession_activity_task extends restore_activity_task {
    /**
     * No settings of its own.
     */
    protected function define_my_settings() {
    }

    /**
     * One step.
     */
    protected function define_my_steps() {
        $step = new restore_monitoringsession_activity_structure_step('monitoringsession_structure', 'monitoringsession.xml');
        $this->add_step($step);
    }

    /**
     * Contents that may hold links.
     *
     * @return restore_decode_content[]
     */
    public static function define_decode_contents() {
        return [new restore_decode_content('monitoringsession', ['intro'], 'monitoringsession')];
    }

    /**
     * How links are decoded.
     *
     * @return restore_decode_rule[]
     */
    public static function define_decode_rules() {
        return [
            new restore_decode_rule('MONITORINGSESSIONVIEWBYID', '/mod/monitoringsession/view.php?id=$1', 'course_module'),
            new restore_decode_rule('MONITORINGSESSIONINDEX', '/mod/monitoringsession/index.php?id=$1', 'course'),
        ];
    }

    /**
     * How old log entries are restored.
     *
     * @return restore_log_rule[]
     */
    public static function define_restore_log_rules() {
        return [];
    }
}
