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
 * Upgrade steps.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

/**
 * Upgrades from an earlier version.
 *
 * @param int $oldversion
 * @return bool
 */
function xmldb_monitoringsession_upgrade($oldversion) {
    global $DB;
    if ($oldversion < 2026112600) {
        $table = new xmldb_table('monitoringsession_extension');
        $field = new xmldb_field('reminded', XMLDB_TYPE_INTEGER, '10', null, XMLDB_NOTNULL, null, '0', 'due');
        if (!$DB->get_manager()->field_exists($table, $field)) {
            $DB->get_manager()->add_field($table, $field);
        }
        upgrade_mod_savepoint(true, 2026112600, 'monitoringsession');
    }
    if ($oldversion < 2026112801) {
        $manager = $DB->get_manager();
        $field = new xmldb_field('withdrawn', XMLDB_TYPE_INTEGER, '10', null, XMLDB_NOTNULL, null, '0', 'revision');
        foreach (['monitoringsession_personal', 'monitoringsession_summary'] as $name) {
            $table = new xmldb_table($name);
            if (!$manager->field_exists($table, $field)) {
                $manager->add_field($table, $field);
            }
        }
        $table = new xmldb_table('monitoringsession_push');
        if (!$manager->table_exists($table)) {
            $table->add_field('id', XMLDB_TYPE_INTEGER, '10', null, XMLDB_NOTNULL, XMLDB_SEQUENCE);
            $table->add_field('monitoringsession', XMLDB_TYPE_INTEGER, '10', null, XMLDB_NOTNULL);
            $table->add_field('kind', XMLDB_TYPE_CHAR, '12', null, XMLDB_NOTNULL);
            $table->add_field('scope', XMLDB_TYPE_CHAR, '12', null, XMLDB_NOTNULL);
            $table->add_field('groupid', XMLDB_TYPE_INTEGER, '10', null, XMLDB_NOTNULL, null, '0');
            $table->add_field('revision', XMLDB_TYPE_INTEGER, '10', null, XMLDB_NOTNULL, null, '0');
            $table->add_field('parts', XMLDB_TYPE_INTEGER, '10', null, XMLDB_NOTNULL, null, '0');
            $table->add_key('primary', XMLDB_KEY_PRIMARY, ['id']);
            $table->add_key('monitoringsession', XMLDB_KEY_FOREIGN, ['monitoringsession'], 'monitoringsession', ['id']);
            $table->add_index(
                'monitorin-kind-scope-groupid',
                XMLDB_INDEX_UNIQUE,
                ['monitoringsession', 'kind', 'scope', 'groupid']
            );
            $manager->create_table($table);
        }
        upgrade_mod_savepoint(true, 2026112801, 'monitoringsession');
    }
    if ($oldversion < 2026112802) {
        $table = new xmldb_table('monitoringsession');
        $field = new xmldb_field('versions', XMLDB_TYPE_TEXT, null, null, null, null, null, 'instruments');
        if (!$DB->get_manager()->field_exists($table, $field)) {
            $DB->get_manager()->add_field($table, $field);
        }
        // Sessions keep the versions that their forms name; the others are settled with the next definitions.
        $versions = [];
        $columns = 'id, monitoringsession, instrument, instrumentversion';
        foreach ($DB->get_recordset('monitoringsession_submission', null, 'id', $columns) as $row) {
            $versions[$row->monitoringsession][$row->instrument] = $row->instrumentversion;
        }
        foreach ($versions as $id => $own) {
            $DB->set_field('monitoringsession', 'versions', json_encode($own), ['id' => $id]);
        }
        upgrade_mod_savepoint(true, 2026112802, 'monitoringsession');
    }
    if ($oldversion < 2026112803) {
        $manager = $DB->get_manager();
        $table = new xmldb_table('monitoringsession');
        foreach (['reopened' => 'closed', 'rosterfixed' => 'reopened'] as $name => $previous) {
            $field = new xmldb_field($name, XMLDB_TYPE_INTEGER, '10', null, XMLDB_NOTNULL, null, '0', $previous);
            if (!$manager->field_exists($table, $field)) {
                $manager->add_field($table, $field);
            }
        }
        // What has long been due does not close the moment it can.
        $DB->set_field('monitoringsession', 'reopened', time(), ['closed' => 0]);
        $table = new xmldb_table('monitoringsession_roster');
        $table->add_field('id', XMLDB_TYPE_INTEGER, '10', null, XMLDB_NOTNULL, XMLDB_SEQUENCE);
        $table->add_field('monitoringsession', XMLDB_TYPE_INTEGER, '10', null, XMLDB_NOTNULL);
        $table->add_field('userid', XMLDB_TYPE_INTEGER, '10', null, XMLDB_NOTNULL);
        $table->add_field('role', XMLDB_TYPE_CHAR, '12', null, XMLDB_NOTNULL);
        $table->add_field('groupid', XMLDB_TYPE_INTEGER, '10', null, XMLDB_NOTNULL, null, '0');
        $table->add_field('groupname', XMLDB_TYPE_CHAR, '255', null, XMLDB_NOTNULL);
        $table->add_field('timestart', XMLDB_TYPE_INTEGER, '10', null, XMLDB_NOTNULL, null, '0');
        $table->add_field('timeend', XMLDB_TYPE_INTEGER, '10', null, XMLDB_NOTNULL, null, '0');
        $table->add_field('why', XMLDB_TYPE_CHAR, '20', null, XMLDB_NOTNULL);
        $table->add_field('counts', XMLDB_TYPE_INTEGER, '1', null, XMLDB_NOTNULL, null, '1');
        $table->add_key('primary', XMLDB_KEY_PRIMARY, ['id']);
        $table->add_key('monitoringsession', XMLDB_KEY_FOREIGN, ['monitoringsession'], 'monitoringsession', ['id']);
        $table->add_key('userid', XMLDB_KEY_FOREIGN, ['userid'], 'user', ['id']);
        if (!$manager->table_exists($table)) {
            $manager->create_table($table);
        }
        upgrade_mod_savepoint(true, 2026112803, 'monitoringsession');
    }
    if ($oldversion < 2026112810) {
        $table = new xmldb_table('monitoringsession_decision');
        $table->add_field('id', XMLDB_TYPE_INTEGER, '10', null, XMLDB_NOTNULL, XMLDB_SEQUENCE);
        $table->add_field('uuid', XMLDB_TYPE_CHAR, '36', null, XMLDB_NOTNULL);
        $table->add_field('monitoringsession', XMLDB_TYPE_INTEGER, '10', null, XMLDB_NOTNULL);
        $table->add_field('signalid', XMLDB_TYPE_CHAR, '255', null, XMLDB_NOTNULL);
        $table->add_field('rule', XMLDB_TYPE_CHAR, '64', null, XMLDB_NOTNULL);
        $table->add_field('userid', XMLDB_TYPE_INTEGER, '10', null, XMLDB_NOTNULL, null, '0');
        $table->add_field('groupid', XMLDB_TYPE_INTEGER, '10', null, XMLDB_NOTNULL, null, '0');
        $table->add_field('occurrences', XMLDB_TYPE_TEXT);
        $table->add_field('decision', XMLDB_TYPE_CHAR, '20', null, XMLDB_NOTNULL);
        $table->add_field('note', XMLDB_TYPE_TEXT);
        $table->add_field('due', XMLDB_TYPE_INTEGER, '10', null, XMLDB_NOTNULL, null, '0');
        $table->add_field('decider', XMLDB_TYPE_INTEGER, '10', null, XMLDB_NOTNULL, null, '0');
        $table->add_field('timecreated', XMLDB_TYPE_INTEGER, '10', null, XMLDB_NOTNULL, null, '0');
        $table->add_key('primary', XMLDB_KEY_PRIMARY, ['id']);
        $table->add_key('monitoringsession', XMLDB_KEY_FOREIGN, ['monitoringsession'], 'monitoringsession', ['id']);
        $table->add_key('userid', XMLDB_KEY_FOREIGN, ['userid'], 'user', ['id']);
        $table->add_index('uuid', XMLDB_INDEX_UNIQUE, ['uuid']);
        $table->add_index('signalid', XMLDB_INDEX_NOTUNIQUE, ['signalid']);
        if (!$DB->get_manager()->table_exists($table)) {
            $DB->get_manager()->create_table($table);
        }
        upgrade_mod_savepoint(true, 2026112810, 'monitoringsession');
    }
    if ($oldversion < 2026112821) {
        $table = new xmldb_table('monitoringsession');
        $field = new xmldb_field('setaside', XMLDB_TYPE_TEXT, null, null, null, null, null, 'versions');
        if (!$DB->get_manager()->field_exists($table, $field)) {
            $DB->get_manager()->add_field($table, $field);
        }
        // A site that is paired lets the service call what is new.
        $serviceid = $DB->get_field('external_services', 'id', ['shortname' => 'monitoringsession_service']);
        $one = ['externalserviceid' => $serviceid, 'functionname' => 'mod_monitoringsession_put_set_aside'];
        if ($serviceid && !$DB->record_exists('external_services_functions', $one)) {
            $DB->insert_record('external_services_functions', (object)$one);
        }
        upgrade_mod_savepoint(true, 2026112821, 'monitoringsession');
    }
    if ($oldversion < 2026112830) {
        $manager = $DB->get_manager();
        $table = new xmldb_table('monitoringsession');
        $fields = [
            new xmldb_field('admitted', XMLDB_TYPE_TEXT, null, null, null, null, null, 'rosterfixed'),
            new xmldb_field('reminders', XMLDB_TYPE_CHAR, '60', null, XMLDB_NOTNULL, null, '-2,1,4', 'planned'),
        ];
        foreach ($fields as $field) {
            if (!$manager->field_exists($table, $field)) {
                $manager->add_field($table, $field);
            }
        }
        foreach (['monitoringsession', 'monitoringsession_extension'] as $name) {
            $table = new xmldb_table($name);
            $field = new xmldb_field('reminded');
            if ($manager->field_exists($table, $field)) {
                $manager->drop_field($table, $field);
            }
        }
        $table = new xmldb_table('monitoringsession_told');
        $table->add_field('id', XMLDB_TYPE_INTEGER, '10', null, XMLDB_NOTNULL, XMLDB_SEQUENCE);
        $table->add_field('monitoringsession', XMLDB_TYPE_INTEGER, '10', null, XMLDB_NOTNULL);
        $table->add_field('userid', XMLDB_TYPE_INTEGER, '10', null, XMLDB_NOTNULL);
        $table->add_field('what', XMLDB_TYPE_CHAR, '12', null, XMLDB_NOTNULL);
        $table->add_field('item', XMLDB_TYPE_CHAR, '120', null, XMLDB_NOTNULL);
        $table->add_field('timetold', XMLDB_TYPE_INTEGER, '10', null, XMLDB_NOTNULL, null, '0');
        $table->add_key('primary', XMLDB_KEY_PRIMARY, ['id']);
        $table->add_key('monitoringsession', XMLDB_KEY_FOREIGN, ['monitoringsession'], 'monitoringsession', ['id']);
        $table->add_key('userid', XMLDB_KEY_FOREIGN, ['userid'], 'user', ['id']);
        $table->add_index('monitorin-userid-what-item', XMLDB_INDEX_UNIQUE, ['monitoringsession', 'userid', 'what', 'item']);
        if (!$manager->table_exists($table)) {
            $manager->create_table($table);
            // What was announced for a whole session is told to each who had a form in it.
            $item = $DB->sql_concat('p.instrument', "'-'", 'p.groupid');
            $open = $DB->sql_like('p.content', '?', true, true, true);
            $DB->execute(
                "INSERT INTO {monitoringsession_told} (monitoringsession, userid, what, item, timetold)
                      SELECT p.monitoringsession, p.userid, 'opened', $item, s.announced
                        FROM {monitoringsession_personal} p
                        JOIN {monitoringsession} s ON s.id = p.monitoringsession
                       WHERE s.announced > 0 AND s.origin = '' AND p.withdrawn = 0 AND $open",
                ['%"open":false%']
            );
            $DB->set_field_select('monitoringsession', 'announced', 0, "origin = ''");
        }
        set_config('newssince', time(), 'mod_monitoringsession');
        $days = (int)get_config('mod_monitoringsession', 'reminderdays');
        if ($days) {
            set_config('reminders', "-$days,1,4", 'mod_monitoringsession');
        }
        unset_config('reminderdays', 'mod_monitoringsession');
        upgrade_mod_savepoint(true, 2026112830, 'monitoringsession');
    }
    return true;
}
