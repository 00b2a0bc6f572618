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
 * One monitoring session: the activity's row, its course module, and its record as the contract knows it.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class session {
    /** @var string[] kinds of session, in the order of a process */
    public const KINDS = ['initial', 'interim', 'final'];

    /** @var string[]|null names of the mentoring groups by id, once read */
    private ?array $mentoring = null;

    /**
     * Constructor.
     *
     * @param \stdClass $row of monitoringsession
     * @param \cm_info|\stdClass $cm course module
     * @param \stdClass $course
     */
    public function __construct(
        /** @var \stdClass row of monitoringsession */
        public \stdClass $row,
        /** @var \cm_info|\stdClass course module */
        public $cm,
        /** @var \stdClass course */
        public \stdClass $course,
    ) {
    }

    /**
     * The session of a course module.
     *
     * @param int $cmid
     * @return self
     */
    public static function of_cm(int $cmid): self {
        global $DB;
        [$course, $cm] = get_course_and_cm_from_cmid($cmid, 'monitoringsession');
        return new self($DB->get_record('monitoringsession', ['id' => $cm->instance], '*', MUST_EXIST), $cm, $course);
    }

    /**
     * The sessions with these UUIDs that exist and are not being deleted.
     *
     * @param string[] $uuids
     * @return self[] by UUID
     */
    public static function of_uuids(array $uuids): array {
        global $DB;
        $found = [];
        if (!$uuids) {
            return $found;
        }
        $rows = $DB->get_records_list('monitoringsession', 'uuid', array_unique($uuids));
        if (!$rows) {
            return $found;
        }
        [$in, $params] = $DB->get_in_or_equal(array_keys($rows), SQL_PARAMS_NAMED);
        $cms = $DB->get_records_sql(
            "SELECT cm.* FROM {course_modules} cm JOIN {modules} m ON m.id = cm.module
              WHERE m.name = 'monitoringsession' AND cm.deletioninprogress = 0 AND cm.instance $in",
            $params
        );
        $courses = $DB->get_records_list('course', 'id', array_unique(array_column($rows, 'course')));
        foreach ($cms as $cm) {
            $row = $rows[$cm->instance];
            $cm->name = $row->name;
            $cm->modname = 'monitoringsession';
            $found[$row->uuid] = new self($row, $cm, $courses[$row->course]);
        }
        return $found;
    }

    /**
     * The session with this UUID, or the contract's refusal.
     *
     * @param string $uuid
     * @return self
     */
    public static function of_uuid(string $uuid): self {
        return self::of_uuids([$uuid])[$uuid] ?? throw new \moodle_exception('sessionmissing', 'mod_monitoringsession');
    }

    /**
     * The module's context.
     *
     * @return \context_module
     */
    public function context(): \context_module {
        return \context_module::instance($this->cm->id);
    }

    /**
     * Ids of the instruments of this session.
     *
     * @return string[]
     */
    public function instruments(): array {
        return array_values(array_filter(explode(',', (string)$this->row->instruments)));
    }

    /**
     * Effective group mode in the contract's words.
     *
     * @return string none, separate or visible
     */
    public function groupmode(): string {
        $modes = [NOGROUPS => 'none', SEPARATEGROUPS => 'separate', VISIBLEGROUPS => 'visible'];
        return $modes[(int)groups_get_activity_groupmode($this->cm, $this->course)] ?? 'none';
    }

    /**
     * The groups in which the session is held; none where the activity has no groups.
     *
     * @return string[] names by id
     */
    public function groups(): array {
        return $this->groupmode() === 'none' ? [] : $this->mentoring_groups();
    }

    /**
     * The mentoring groups: those of the activity's grouping (all of the course without one) that take part in activities,
     * whoever may see their members, and whether the activity has groups now or not.
     *
     * Read from the tables: core's functions answer by who asks.
     *
     * @return string[] names by id
     */
    public function mentoring_groups(): array {
        global $DB;
        if ($this->mentoring === null) {
            $grouping = (int)$this->cm->groupingid;
            $join = $grouping ? 'JOIN {groupings_groups} gg ON gg.groupid = g.id AND gg.groupingid = :grouping' : '';
            $names = $DB->get_records_sql_menu(
                "SELECT g.id, g.name FROM {groups} g $join
                  WHERE g.courseid = :course AND g.participation = 1 ORDER BY g.name, g.id",
                ['course' => $this->course->id] + ($grouping ? ['grouping' => $grouping] : [])
            );
            $this->mentoring = array_combine(array_map('intval', array_keys($names)), array_values($names));
        }
        return $this->mentoring;
    }

    /**
     * The session's groups as the service is told of them: also those in which something was written that are gone since.
     *
     * @return array[] id, name, gone
     */
    public function told_groups(): array {
        global $DB;
        $own = $this->groups();
        $told = [];
        foreach ($own as $id => $name) {
            $told[] = ['id' => $id, 'name' => $this->filed($name), 'gone' => 0];
        }
        $left = $DB->get_records_sql(
            'SELECT groupid, MAX(groupname) AS name, MAX(time) AS time
               FROM (SELECT groupid, groupname, timemodified AS time
                       FROM {monitoringsession_submission} WHERE monitoringsession = ?
                      UNION ALL
                     SELECT groupid, groupname, timeend AS time
                       FROM {monitoringsession_roster} WHERE monitoringsession = ?) written
              WHERE groupid > 0
           GROUP BY groupid
           ORDER BY groupid',
            [$this->row->id, $this->row->id]
        );
        foreach (array_diff_key($left, $own) as $id => $one) {
            $told[] = ['id' => (int)$id, 'name' => $this->filed($one->name), 'gone' => max(1, (int)$one->time)];
        }
        return $told;
    }

    /**
     * A name as it is sent and filed: in the language of the session's forms.
     *
     * @param string $name of the course, the session or a group
     * @return string
     */
    public function filed(string $name): string {
        return names::filed($name, $this->row->language, $this->context());
    }

    /**
     * A name as the current reader sees it.
     *
     * @param string $name of the course, the session or a group
     * @return string plain text
     */
    public function shown(string $name): string {
        return names::shown($name, $this->context());
    }

    /**
     * The name of a mentoring group as the current reader sees it.
     *
     * @param int $groupid
     * @return string plain text, empty for none
     */
    public function group_name(int $groupid): string {
        return $this->shown($this->mentoring_groups()[$groupid] ?? '');
    }

    /**
     * Whether the coordinator has closed the session.
     *
     * @return bool
     */
    public function closed(): bool {
        return $this->row->closed > 0;
    }

    /**
     * Whether the session has begun.
     *
     * @return bool
     */
    public function opened(): bool {
        return $this->row->opens <= time();
    }

    /**
     * A person's own deadline, extension included.
     *
     * @param int $userid
     * @return int epoch seconds, 0 = none
     */
    public function due_of(int $userid): int {
        global $DB;
        $own = ['monitoringsession' => $this->row->id, 'userid' => $userid];
        $extension = $DB->get_field('monitoringsession_extension', 'due', $own);
        return max((int)$this->row->due, (int)$extension);
    }

    /**
     * Whether a person may still submit: until the session is closed, or their extension runs out.
     *
     * Closing ends the answers of mentees and mentors; coordinators write the record afterwards.
     *
     * @param int $userid
     * @param string $role in which the form is filled in
     * @return bool
     */
    public function accepts(int $userid, string $role): bool {
        global $DB;
        if (!$this->opened()) {
            return false;
        }
        if ($this->takes($userid, $role, []) || ($role === 'coordinator' && !$this->reported())) {
            return true;
        }
        return $DB->record_exists_select(
            'monitoringsession_extension',
            'monitoringsession = ? AND userid = ? AND due > ?',
            [$this->row->id, $userid, time()]
        );
    }

    /**
     * Whether it takes forms of a person, as far as its own state goes: {@see accepts} for many people at once.
     *
     * @param int $userid
     * @param string $role in which the form is filled in
     * @param int[] $running own deadlines that have not run out, by user id
     * @return bool
     */
    public function takes(int $userid, string $role, array $running): bool {
        $admitted = $this->admitted();
        $here = !$this->closed() && (!$admitted || $role === 'coordinator' || in_array($userid, $admitted));
        return $here || isset($running[$userid]);
    }

    /**
     * Who alone may submit since it was opened again.
     *
     * @return int[] user ids, empty = everybody
     */
    public function admitted(): array {
        return array_values(array_filter(array_map('intval', explode(',', (string)$this->row->admitted))));
    }

    /**
     * Whether the report on the whole process is filed: the form about everybody in a final session of the course.
     *
     * @return bool
     */
    private function reported(): bool {
        global $DB;
        $written = $DB->get_fieldset_sql(
            "SELECT DISTINCT s.instrument
               FROM {monitoringsession_submission} s
               JOIN {monitoringsession_document} d ON d.submission = s.uuid AND d.state = 'current'
               JOIN {monitoringsession} m ON m.id = s.monitoringsession
              WHERE m.course = ? AND m.kind = 'final' AND s.role = 'coordinator' AND s.groupid = 0",
            [$this->course->id]
        );
        $definitions = $written ? definition::newest($this->row->language) : [];
        foreach ($written as $instrument) {
            if (isset($definitions[$instrument]) && $definitions[$instrument]->for_course()) {
                return true;
            }
        }
        return false;
    }

    /**
     * The record of the contract (common.schema.json#/$defs/session).
     *
     * @return array
     */
    public function export(): array {
        $versions = [];
        foreach (versions::of($this->row) as $instrument => $version) {
            $versions[] = ['instrument' => $instrument, 'version' => $version];
        }
        $extensions = [];
        foreach (extensions::all((int)$this->row->id) as $userid => $due) {
            $extensions[] = ['user' => $userid, 'due' => $due];
        }
        return [
            'id' => $this->row->uuid,
            'course' => (int)$this->course->id,
            'course_name' => $this->filed($this->course->fullname),
            'cmid' => (int)$this->cm->id,
            'name' => $this->filed($this->row->name),
            'number' => max(1, (int)$this->row->number),
            'kind' => $this->row->kind,
            'language' => $this->row->language,
            'timezone' => \core_date::get_server_timezone(),
            'opens' => (int)$this->row->opens,
            'due' => (int)$this->row->due,
            'closed' => (int)$this->row->closed,
            'closes' => $this->closes(),
            'fixed' => (int)$this->row->rosterfixed,
            'extensions' => $extensions,
            'instruments' => $this->instruments(),
            'versions' => $versions,
            'groupmode' => $this->groupmode(),
            'groups' => $this->told_groups(),
            'origin' => (string)$this->row->origin,
            'modified' => (int)$this->row->timemodified,
        ] + ($this->admitted() ? ['admitted' => $this->admitted()] : []);
    }

    /**
     * Notes and tells that the session was made or changed.
     *
     * @param \stdClass $row of monitoringsession
     * @param string $type created, updated, closed or deleted
     */
    public static function tell(\stdClass $row, string $type): void {
        $actions = ['created' => 'saved', 'updated' => 'saved', 'closed' => 'closed', 'deleted' => 'deleted'];
        changes::record('session', $actions[$type], $row->uuid, $row->uuid);
        outbox::add("session.$type", ['session' => $row->uuid], (int)$row->course);
    }

    /**
     * Closes the session for everyone but those with an extension.
     */
    public function close(): void {
        $this->set_closed(time(), 'closed');
        \mod_monitoringsession\event\session_closed::of($this)->trigger();
    }

    /**
     * Closes the sessions whose time has been over for as many days as the site says.
     */
    public static function close_overdue(): void {
        global $DB;
        $days = (int)get_config('mod_monitoringsession', 'closedays');
        if (!$days) {
            return;
        }
        $since = time() - $days * DAYSECS;
        $where = 'closed = 0 AND due > 0 AND due <= ? AND reopened <= ?';
        foreach ($DB->get_fieldset_select('monitoringsession', 'uuid', $where, [$since, $since]) as $uuid) {
            $session = self::of_uuids([$uuid])[$uuid] ?? null;
            if ($session) {
                $session->close();
            }
        }
    }

    /**
     * When it closes by itself.
     *
     * @return int epoch seconds, 0 = not by itself
     */
    public function closes(): int {
        $days = (int)get_config('mod_monitoringsession', 'closedays');
        $due = (int)$this->row->due;
        return $days && $due && !$this->closed() ? max($due, (int)$this->row->reopened) + $days * DAYSECS : 0;
    }

    /**
     * Opens a closed session again. Who counts in it stays as it was.
     *
     * @param int[] $admitted who alone may submit; empty = everybody
     */
    public function reopen(array $admitted = []): void {
        $this->set_closed(0, 'updated', $admitted);
        \mod_monitoringsession\event\session_reopened::of($this)->trigger();
    }

    /**
     * Writes the closing time and tells of it.
     *
     * @param int $time
     * @param string $type closed or updated
     * @param int[] $admitted who alone may submit then; empty = everybody
     */
    private function set_closed(int $time, string $type, array $admitted = []): void {
        global $DB;
        $transaction = $DB->start_delegated_transaction();
        $this->row->closed = $time;
        $this->row->timemodified = time();
        $this->row->reopened = $time ? 0 : $this->row->timemodified;
        $this->row->admitted = implode(',', $admitted);
        $DB->update_record('monitoringsession', (object)[
            'id' => $this->row->id,
            'closed' => $time,
            'reopened' => $this->row->reopened,
            'admitted' => $this->row->admitted,
            'timemodified' => $this->row->timemodified,
        ]);
        if ($time) {
            // Who counts is decided now.
            roster::follow($this);
        }
        self::tell($this->row, $type);
        $transaction->allow_commit();
    }
}
