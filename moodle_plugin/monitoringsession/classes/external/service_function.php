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
use core_external\external_multiple_structure;
use core_external\external_single_structure;
use core_external\external_value;
use mod_monitoringsession\local\service;

/**
 * What the functions the service calls have in common.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
abstract class service_function extends external_api {
    /**
     * Lets only the service in, and only when both sides speak the same contract.
     *
     * Not by validate_context(): that asks of the account what a site asks of people, such as profile fields, a new password
     * or consent to a policy. The token holds for the whole site, and the capability is nobody else's.
     *
     * @param int $contract
     */
    protected static function admit(int $contract): void {
        global $PAGE;
        $context = \context_system::instance();
        require_capability('mod/monitoringsession:service', $context);
        $PAGE->reset_theme_and_output();
        $PAGE->set_context($context);
        if ($contract !== service::CONTRACT) {
            throw new \moodle_exception(
                'contractmismatch',
                'mod_monitoringsession',
                '',
                (object)['theirs' => $contract, 'ours' => service::CONTRACT]
            );
        }
    }

    /**
     * The parameter every function takes.
     *
     * @return external_value
     */
    protected static function contract(): external_value {
        return new external_value(PARAM_INT, 'Version of the contract the caller speaks');
    }

    /**
     * A UUID.
     *
     * @param string $description
     * @return external_value
     */
    protected static function uuid(string $description): external_value {
        return new external_value(PARAM_ALPHANUMEXT, $description);
    }

    /**
     * A time.
     *
     * @param string $description
     * @return external_value
     */
    protected static function time(string $description): external_value {
        return new external_value(PARAM_INT, "$description, UTC epoch seconds");
    }

    /**
     * A field of an answer that the contract reserves, or that is there only sometimes.
     *
     * @param string $type
     * @param string $description
     * @return external_value
     */
    protected static function reserved(string $type, string $description): external_value {
        return new external_value($type, $description, VALUE_OPTIONAL);
    }

    /**
     * A time in an answer that the contract reserves, or that is there only sometimes.
     *
     * @param string $description
     * @return external_value
     */
    protected static function reserved_time(string $description): external_value {
        return self::reserved(PARAM_INT, "$description, UTC epoch seconds");
    }

    /**
     * What a stored document is besides a form, and which edition.
     *
     * @param int $required VALUE_DEFAULT in parameters, VALUE_OPTIONAL in answers
     * @return external_value[]
     */
    protected static function edition(int $required): array {
        $default = $required === VALUE_DEFAULT;
        return [
            'kind' => new external_value(PARAM_ALPHA, 'form, record, report, overview…', $required, $default ? 'form' : null),
            'edition' => new external_value(PARAM_INT, 'Edition, from 1', $required, $default ? 1 : null),
            'why' => new external_value(PARAM_ALPHA, 'Why it was made anew', $required, $default ? '' : null),
            'replaces' => new external_value(PARAM_ALPHANUMEXT, 'Document it replaces', $required, $default ? '' : null),
        ];
    }

    /**
     * What a push is complete for, and which part of it this is.
     *
     * @param external_value[] $key what names an item
     * @return array
     */
    protected static function scope(array $key): array {
        return [
            'scope' => new external_value(PARAM_ALPHA, 'session or group, empty = complete for nothing', VALUE_DEFAULT, ''),
            'group' => new external_value(PARAM_INT, 'Group of scope group', VALUE_DEFAULT, 0),
            'revision' => new external_value(PARAM_INT, 'Of the whole push', VALUE_DEFAULT, 0),
            'part' => new external_value(PARAM_INT, 'Number of this part', VALUE_DEFAULT, 0),
            'last' => new external_value(PARAM_BOOL, 'Whether this is the last part', VALUE_DEFAULT, false),
            'unchanged' => new external_multiple_structure(
                new external_single_structure($key),
                'Named without content, what is there stays',
                VALUE_DEFAULT,
                []
            ),
        ];
    }

    /**
     * What a push did.
     *
     * @return external_single_structure
     */
    protected static function push_answer(): external_single_structure {
        return new external_single_structure([
            'stored' => new external_value(PARAM_INT, 'New or changed'),
            'ignored' => new external_value(PARAM_INT, 'Not above the stored revision'),
            'withdrawn' => self::reserved(PARAM_INT, 'Withdrawn by the last part'),
        ]);
    }

    /**
     * Text exactly as it is, JSON among it.
     *
     * @param string $description
     * @return external_value
     */
    protected static function text(string $description): external_value {
        return new external_value(PARAM_RAW, $description);
    }

    /**
     * Groups of an activity.
     *
     * @return external_multiple_structure
     */
    protected static function groups(): external_multiple_structure {
        return new external_multiple_structure(new external_single_structure([
            'id' => new external_value(PARAM_INT, 'Group id'),
            'name' => self::text('Name'),
            'gone' => self::reserved_time('Deleted'),
        ]), 'Groups of the activity');
    }

    /**
     * The record of a session.
     *
     * @return external_multiple_structure
     */
    protected static function sessions(): external_multiple_structure {
        return new external_multiple_structure(new external_single_structure([
            'id' => self::uuid('Session'),
            'course' => new external_value(PARAM_INT, 'Course id'),
            'course_name' => self::text('Course name'),
            'cmid' => new external_value(PARAM_INT, 'Course module id'),
            'name' => self::text('Name'),
            'number' => new external_value(PARAM_INT, 'Number in the process'),
            'kind' => new external_value(PARAM_ALPHA, 'initial, interim or final'),
            'language' => new external_value(PARAM_ALPHA, 'Language of the forms'),
            'timezone' => self::text('IANA name'),
            'opens' => self::time('Opens'),
            'due' => self::time('Due'),
            'closed' => self::time('Closed'),
            'extensions' => new external_multiple_structure(new external_single_structure([
                'user' => new external_value(PARAM_INT, 'User id'),
                'due' => self::time('Own deadline'),
                'reason' => self::reserved(PARAM_RAW, 'Reason'),
            ]), 'Individual deadlines'),
            'group_extensions' => new external_multiple_structure(new external_single_structure([
                'group' => new external_value(PARAM_INT, 'Group id'),
                'due' => self::time('Own deadline'),
                'reason' => self::text('Reason'),
            ]), 'Own deadlines of groups', VALUE_OPTIONAL),
            'closes' => self::reserved_time('Closes by itself'),
            'fixed' => self::reserved_time('Roster fixed'),
            'admitted' => new external_multiple_structure(
                new external_value(PARAM_INT, 'User id'),
                'Who alone may submit since it was reopened',
                VALUE_OPTIONAL
            ),
            'versions' => new external_multiple_structure(new external_single_structure([
                'instrument' => new external_value(PARAM_ALPHANUMEXT, 'Instrument'),
                'version' => self::text('Version'),
            ]), 'Versions of the instruments that the course began with', VALUE_OPTIONAL),
            'project' => new external_single_structure([
                'number' => self::text('Project number'),
                'programme' => self::text('Programme'),
                'line' => self::text('Emblem line'),
                'logos' => new external_multiple_structure(new external_single_structure([
                    'sha256' => new external_value(PARAM_ALPHANUM, 'Hash of the picture'),
                    'alt' => self::text('Alternative text'),
                ])),
            ], 'What stands on every document of the course', VALUE_OPTIONAL),
            'retention' => self::reserved_time('Kept until'),
            'instruments' => new external_multiple_structure(new external_value(PARAM_ALPHANUMEXT, 'Instrument')),
            'groupmode' => new external_value(PARAM_ALPHA, 'none, separate or visible'),
            'groups' => self::groups(),
            'origin' => self::text('UUID it was copied from, or empty'),
            'modified' => self::time('Modified'),
        ]), 'Sessions');
    }
}
