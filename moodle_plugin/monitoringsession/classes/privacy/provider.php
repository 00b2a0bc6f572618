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

namespace mod_monitoringsession\privacy;

use context;
use core_privacy\local\metadata\collection;
use core_privacy\local\metadata\provider as metadata_provider;
use core_privacy\local\request\approved_contextlist;
use core_privacy\local\request\approved_userlist;
use core_privacy\local\request\contextlist;
use core_privacy\local\request\core_userlist_provider;
use core_privacy\local\request\helper;
use core_privacy\local\request\plugin\provider as request_provider;
use core_privacy\local\request\transform;
use core_privacy\local\request\userlist;
use core_privacy\local\request\writer;
use mod_monitoringsession\local\changes;
use mod_monitoringsession\local\definition;
use mod_monitoringsession\local\documents;
use mod_monitoringsession\local\erasure;
use mod_monitoringsession\local\json;
use mod_monitoringsession\local\names;
use mod_monitoringsession\local\outbox;

/**
 * What is kept about people: those who fill in forms, and those whom forms of others are about.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class provider implements
    // phpcs:ignore Universal.OOStructures.AlphabeticExtendsImplements.ImplementsWrongOrder
    core_userlist_provider,
    metadata_provider,
    request_provider {
    /** @var string[] tables with a user and a session */
    private const TABLES = ['submission', 'draft', 'personal', 'summary', 'subject', 'extension', 'roster', 'decision', 'told'];

    /**
     * What is kept.
     *
     * @param collection $collection
     * @return collection
     */
    public static function get_metadata(collection $collection): collection {
        $tables = [
            'submission' => ['userid', 'groupname', 'role', 'answers', 'carried', 'timesubmitted'],
            'draft' => ['userid', 'answers', 'timemodified'],
            'personal' => ['userid', 'content'],
            'summary' => ['userid', 'content'],
            'document' => ['filename', 'sha256', 'timestored'],
            'problem' => ['content'],
            'subject' => ['userid'],
            'extension' => ['userid', 'due'],
            'roster' => ['userid', 'role', 'groupname', 'timestart', 'timeend', 'why'],
            'decision' => ['userid', 'rule', 'decision', 'note', 'due', 'decider', 'timecreated'],
            'told' => ['userid', 'what', 'item', 'timetold'],
            'outbox' => ['userid', 'payload', 'timecreated'],
            'change' => ['objectid', 'timecreated'],
            'plan' => ['usermodified', 'timemodified'],
        ];
        foreach ($tables as $table => $fields) {
            $described = [];
            foreach ($fields as $field) {
                $described[$field] = "privacy:metadata:$field";
            }
            $collection->add_database_table("monitoringsession_$table", $described, "privacy:metadata:$table");
        }
        $collection->add_subsystem_link('core_files', [], 'privacy:metadata:core_files');
        $collection->add_subsystem_link('core_message', [], 'privacy:metadata:core_message');
        $collection->add_external_location_link('service', [
            'userid' => 'privacy:metadata:userid',
            'fullname' => 'privacy:metadata:fullname',
            'groups' => 'privacy:metadata:groups',
            'due' => 'privacy:metadata:due',
            'answers' => 'privacy:metadata:answers',
        ], 'privacy:metadata:service');
        return $collection;
    }

    /**
     * Sessions that hold something about a person.
     *
     * @param int $userid
     * @return contextlist
     */
    public static function get_contexts_for_userid(int $userid): contextlist {
        $list = new contextlist();
        foreach (self::TABLES as $table) {
            $list->add_from_sql(
                "SELECT c.id
                   FROM {context} c
                   JOIN {course_modules} cm ON cm.id = c.instanceid AND c.contextlevel = :level
                   JOIN {modules} m ON m.id = cm.module AND m.name = 'monitoringsession'
                   JOIN {monitoringsession_$table} t ON t.monitoringsession = cm.instance
                  WHERE t.userid = :userid",
                ['level' => CONTEXT_MODULE, 'userid' => $userid]
            );
        }
        $list->add_from_sql(
            "SELECT c.id
               FROM {context} c
               JOIN {course_modules} cm ON cm.id = c.instanceid AND c.contextlevel = :level
               JOIN {modules} m ON m.id = cm.module AND m.name = 'monitoringsession'
               JOIN {monitoringsession_decision} d ON d.monitoringsession = cm.instance
              WHERE d.decider = :userid",
            ['level' => CONTEXT_MODULE, 'userid' => $userid]
        );
        $list->add_from_sql(
            'SELECT c.id FROM {context} c JOIN {monitoringsession_plan} p ON p.course = c.instanceid AND c.contextlevel = :level
              WHERE p.usermodified = :userid',
            ['level' => CONTEXT_COURSE, 'userid' => $userid]
        );
        return $list;
    }

    /**
     * People about whom a session holds something.
     *
     * @param userlist $userlist
     */
    public static function get_users_in_context(userlist $userlist) {
        $context = $userlist->get_context();
        if ($context->contextlevel == CONTEXT_COURSE) {
            $sql = 'SELECT usermodified FROM {monitoringsession_plan} WHERE course = :course AND usermodified > 0';
            $userlist->add_from_sql('usermodified', $sql, ['course' => $context->instanceid]);
        }
        $cm = self::cm($context);
        foreach ($cm ? self::TABLES : [] as $table) {
            $userlist->add_from_sql(
                'userid',
                "SELECT userid FROM {monitoringsession_$table} WHERE monitoringsession = :id AND userid > 0",
                ['id' => $cm->instance]
            );
        }
        if ($cm) {
            $sql = 'SELECT decider FROM {monitoringsession_decision} WHERE monitoringsession = :id AND decider > 0';
            $userlist->add_from_sql('decider', $sql, ['id' => $cm->instance]);
        }
    }

    /**
     * The course module of a context of ours.
     *
     * @param context $context
     * @return \stdClass|null
     */
    private static function cm(context $context): ?\stdClass {
        if ($context->contextlevel != CONTEXT_MODULE) {
            return null;
        }
        return get_coursemodule_from_id('monitoringsession', $context->instanceid) ?: null;
    }

    /**
     * Exports what is kept about a person.
     *
     * @param approved_contextlist $contextlist
     */
    public static function export_user_data(approved_contextlist $contextlist) {
        global $DB;
        $user = $contextlist->get_user();
        foreach ($contextlist->get_contexts() as $context) {
            $cm = self::cm($context);
            if (!$cm) {
                self::export_plan($context, (int)$user->id);
                continue;
            }
            $own = ['monitoringsession' => $cm->instance, 'userid' => $user->id];
            writer::with_context($context)->export_data([], helper::get_context_data($context, $user));
            foreach ($DB->get_records('monitoringsession_submission', $own, 'instrument, version') as $row) {
                self::export_submission($context, $row);
            }
            self::export_others($context, (int)$cm->instance, (int)$user->id);
            foreach ($DB->get_records('monitoringsession_draft', $own) as $row) {
                writer::with_context($context)->export_data(
                    [get_string('state_draft', 'mod_monitoringsession'), "$row->instrument-$row->groupid"],
                    (object)['answers' => json::decode($row->answers), 'timemodified' => transform::datetime($row->timemodified)]
                );
            }
            foreach (['personal', 'summary'] as $table) {
                foreach ($DB->get_records("monitoringsession_$table", $own) as $row) {
                    writer::with_context($context)->export_related_data(
                        [],
                        "$table-" . ($row->instrument ?? $row->audience) . "-$row->groupid",
                        json::decode($row->content)
                    );
                }
            }
            $stretches = array_map(fn($row) => [
                'role' => get_string("role_$row->role", 'mod_monitoringsession'),
                'group' => names::shown($row->groupname, $context),
                'from' => transform::datetime($row->timestart),
                'to' => $row->timeend ? transform::datetime($row->timeend) : '',
                'why' => $row->why === '' ? '' : get_string("left_$row->why", 'mod_monitoringsession'),
            ], array_values($DB->get_records('monitoringsession_roster', $own, 'timestart, id')));
            if ($stretches) {
                writer::with_context($context)->export_related_data([], 'roster', $stretches);
            }
            self::export_decisions($context, (int)$cm->instance, (int)$user->id);
            $told = array_map(
                fn($row) => ['what' => $row->what, 'item' => $row->item, 'timetold' => transform::datetime($row->timetold)],
                array_values($DB->get_records('monitoringsession_told', $own, 'timetold, id'))
            );
            if ($told) {
                writer::with_context($context)->export_related_data([], 'told', $told);
            }
            $due = $DB->get_field('monitoringsession_extension', 'due', $own);
            if ($due) {
                writer::with_context($context)->export_related_data([], 'extension', ['due' => transform::datetime($due)]);
            }
        }
    }

    /**
     * Exports what was decided on signals about a person, and what the person decided.
     *
     * @param context $context
     * @param int $sessionid
     * @param int $userid
     */
    private static function export_decisions(context $context, int $sessionid, int $userid): void {
        global $DB;
        $list = [];
        $where = 'monitoringsession = ? AND (userid = ? OR decider = ?)';
        $rows = $DB->get_records_select('monitoringsession_decision', $where, [$sessionid, $userid, $userid], 'timecreated, id');
        foreach ($rows as $row) {
            $list[] = [
                'rule' => $row->rule,
                'aboutme' => transform::yesno((int)$row->userid === $userid),
                'decidedbyme' => transform::yesno((int)$row->decider === $userid),
                'decision' => get_string("decision_$row->decision", 'mod_monitoringsession'),
                'note' => (string)$row->note,
                'due' => $row->due ? transform::date($row->due) : '',
                'decided' => transform::datetime($row->timecreated),
            ];
        }
        if ($list) {
            writer::with_context($context)->export_related_data([], 'decisions', $list);
        }
    }

    /**
     * Exports the plan of a course that a person was the last to change.
     *
     * @param context $context
     * @param int $userid
     */
    private static function export_plan(context $context, int $userid): void {
        global $DB;
        $own = ['course' => $context->instanceid, 'usermodified' => $userid];
        $plan = $context->contextlevel == CONTEXT_COURSE ? $DB->get_record('monitoringsession_plan', $own) : null;
        if ($plan) {
            writer::with_context($context)->export_data([get_string('plan', 'mod_monitoringsession')], (object)[
                'startdate' => $plan->startdate,
                'enddate' => $plan->enddate,
                'timemodified' => transform::datetime($plan->timemodified),
            ]);
        }
    }

    /**
     * Forgets who was the last to change the plan of a course; the plan is the course's and stays.
     *
     * @param context $context
     * @param int|null $userid null = whoever it was
     */
    private static function forget_planner(context $context, ?int $userid): void {
        global $DB;
        if ($context->contextlevel == CONTEXT_COURSE) {
            $own = ['course' => $context->instanceid] + ($userid === null ? [] : ['usermodified' => $userid]);
            $DB->set_field('monitoringsession_plan', 'usermodified', 0, $own);
        }
    }

    /**
     * Exports one form of a person with its documents.
     *
     * @param context $context
     * @param \stdClass $row
     */
    private static function export_submission(context $context, \stdClass $row): void {
        global $DB;
        $title = definition::title_of($row);
        $group = names::shown($row->groupname, $context);
        $path = [get_string('forms', 'mod_monitoringsession'), "$title $group $row->version"];
        $list = [];
        foreach ($DB->get_records('monitoringsession_document', ['submission' => $row->uuid]) as $document) {
            $list[] = ['filename' => $document->filename, 'variant' => $document->variant, 'sha256' => $document->sha256,
                'stored' => transform::datetime($document->timestored), 'state' => $document->state];
            writer::with_context($context)->export_area_files($path, 'mod_monitoringsession', documents::AREA, $document->id);
        }
        writer::with_context($context)->export_data($path, (object)[
            'form' => $title,
            'role' => $row->role,
            'group' => $group,
            'version' => $row->version,
            'state' => $row->state,
            'submitted' => transform::datetime($row->timesubmitted),
            'answers' => json::decode($row->answers),
            'shown' => json::decode($row->carried),
            'documents' => $list,
            'problems' => array_values(array_map(
                fn($problem) => json::decode($problem->content) + ['state' => $problem->state],
                $DB->get_records('monitoringsession_problem', ['submissionid' => $row->id])
            )),
        ]);
    }

    /**
     * Exports what others wrote about a person: the rows about them, not the rest of the form.
     *
     * @param context $context
     * @param int $sessionid
     * @param int $userid
     */
    private static function export_others(context $context, int $sessionid, int $userid): void {
        global $DB;
        $rows = $DB->get_records_sql(
            'SELECT s.* FROM {monitoringsession_submission} s JOIN {monitoringsession_subject} t ON t.submissionid = s.id
              WHERE t.userid = ? AND s.monitoringsession = ?',
            [$userid, $sessionid]
        );
        foreach ($rows as $row) {
            $group = names::shown($row->groupname, $context);
            writer::with_context($context)->export_data(
                [get_string('privacy:aboutme', 'mod_monitoringsession'), "$row->instrument $group $row->version $row->id"],
                (object)[
                    'role' => $row->role,
                    'submitted' => transform::datetime($row->timesubmitted),
                    'rows' => erasure::rows_about($row, $userid),
                ]
            );
        }
    }

    /**
     * Deletes everything of a session.
     *
     * @param context $context
     */
    public static function delete_data_for_all_users_in_context(context $context) {
        global $DB;
        self::forget_planner($context, null);
        $cm = self::cm($context);
        $session = $cm ? $DB->get_record('monitoringsession', ['id' => $cm->instance]) : null;
        if ($session) {
            erasure::of_everyone($session);
        }
    }

    /**
     * Deletes what is kept about a person.
     *
     * @param approved_contextlist $contextlist
     */
    public static function delete_data_for_user(approved_contextlist $contextlist) {
        $userid = (int)$contextlist->get_user()->id;
        foreach ($contextlist->get_contexts() as $context) {
            self::forget_planner($context, $userid);
            $cm = self::cm($context);
            if ($cm) {
                erasure::in_session((int)$cm->instance, $userid, true);
            }
        }
        self::tell_if_nothing_is_left($userid);
    }

    /**
     * Deletes what is kept about several people in a session.
     *
     * @param approved_userlist $userlist
     */
    public static function delete_data_for_users(approved_userlist $userlist) {
        $cm = self::cm($userlist->get_context());
        foreach ($userlist->get_userids() as $userid) {
            self::forget_planner($userlist->get_context(), (int)$userid);
        }
        foreach ($cm ? $userlist->get_userids() : [] as $userid) {
            erasure::in_session((int)$cm->instance, (int)$userid, true);
            self::tell_if_nothing_is_left((int)$userid);
        }
    }

    /**
     * Tells the service to forget a person of whom nothing is left here.
     *
     * @param int $userid
     */
    private static function tell_if_nothing_is_left(int $userid): void {
        if (!self::get_contexts_for_userid($userid)->get_contextids()) {
            changes::record('erasure', 'saved', '', (string)$userid);
            outbox::add('privacy.erase', ['user' => $userid], 0, 0);
        }
    }

    /**
     * Forgets a person everywhere, as when the account is deleted.
     *
     * @param int $userid
     */
    public static function forget(int $userid): void {
        foreach (self::get_contexts_for_userid($userid)->get_contexts() as $context) {
            self::forget_planner($context, $userid);
            $cm = self::cm($context);
            if ($cm) {
                erasure::in_session((int)$cm->instance, $userid, true);
            }
        }
        self::tell_if_nothing_is_left($userid);
    }
}
