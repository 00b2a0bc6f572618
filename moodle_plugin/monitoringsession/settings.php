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
 * Administration of the activity: its settings, and the page that connects it to the service.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

defined('MOODLE_INTERNAL') || die();

$ADMIN->add('modsettings', new admin_category(
    'modmonitoringsessionfolder',
    new lang_string('pluginname', 'mod_monitoringsession'),
    $module->is_enabled() === false
));
$settings = new admin_settingpage(
    $section,
    new lang_string('settings', 'mod_monitoringsession'),
    'moodle/site:config',
    $module->is_enabled() === false
);
if ($ADMIN->fulltree) {
    $settings->add(new admin_setting_configcheckbox(
        'mod_monitoringsession/ignoresecurity',
        new lang_string('ignoresecurity', 'mod_monitoringsession'),
        new lang_string('ignoresecurity_desc', 'mod_monitoringsession'),
        0
    ));
    $settings->add(new admin_setting_configtext(
        'mod_monitoringsession/reminders',
        new lang_string('reminders', 'mod_monitoringsession'),
        new lang_string('reminders_desc', 'mod_monitoringsession'),
        \mod_monitoringsession\local\steps::USUAL,
        '/^\s*([-+]?\d{1,2}(\s*,\s*[-+]?\d{1,2}){0,7})?\s*$/',
        20
    ));
    $hours = array_combine(range(0, 24), array_map(fn(int $hour): string => sprintf('%d:00', $hour), range(0, 24)));
    $settings->add(new admin_setting_configselect(
        'mod_monitoringsession/messagesfrom',
        new lang_string('messagesfrom', 'mod_monitoringsession'),
        new lang_string('messagesfrom_desc', 'mod_monitoringsession'),
        \mod_monitoringsession\local\clock::MORNING,
        array_slice($hours, 0, 24, true)
    ));
    $settings->add(new admin_setting_configselect(
        'mod_monitoringsession/messagesuntil',
        new lang_string('messagesuntil', 'mod_monitoringsession'),
        new lang_string('messagesuntil_desc', 'mod_monitoringsession'),
        \mod_monitoringsession\local\clock::EVENING,
        array_slice($hours, 1, 24, true)
    ));
    $settings->add(new admin_setting_configtext(
        'mod_monitoringsession/closedays',
        new lang_string('closedays', 'mod_monitoringsession'),
        new lang_string('closedays_desc', 'mod_monitoringsession'),
        7,
        PARAM_INT,
        4
    ));
}
$ADMIN->add('modmonitoringsessionfolder', $settings);
$ADMIN->add('modmonitoringsessionfolder', new admin_externalpage(
    'modmonitoringsessionconnection',
    new lang_string('connection', 'mod_monitoringsession'),
    new moodle_url('/mod/monitoringsession/connection.php')
));
// The page stands in the folder above, not at its usual place.
$settings = null;
