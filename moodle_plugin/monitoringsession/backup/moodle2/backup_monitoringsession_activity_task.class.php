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
 * Backup of a session.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

require_once($CFG->dirroot . '/mod/monitoringsession/backup/moodle2/backup_monitoringsession_stepslib.php');

/**
 * Backup of a session.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class backup_monitoringsession_activity_task extends backup_activity_task {
    /**
     * No settings of its own.
     */
    protected function define_my_settings() {
    }

    /**
     * One step.
     */
    protected function define_my_steps() {
        $step = new backup_monitoringsession_activity_structure_step('monitoringsession_structure', 'monitoringsession.xml');
        $this->add_step($step);
    }

    /**
     * Encodes links to sessions.
     *
     * @param string $content
     * @return string
     */
    public static function encode_content_links($content) {
        global $CFG;
        $base = preg_quote("$CFG->wwwroot/mod/monitoringsession/", '~');
        $content = preg_replace("~({$base}index.php\?id=)([0-9]+)~", '$@MONITORINGSESSIONINDEX*$2@$', $content);
        return preg_replace("~({$base}view.php\?id=)([0-9]+)~", '$@MONITORINGSESSIONVIEWBYID*$2@$', $content);
    }
}
