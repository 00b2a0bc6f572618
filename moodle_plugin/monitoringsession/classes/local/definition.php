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
 * A form as the service pushed it: one instrument, version and language.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class definition {
    /** @var string the item by which someone asks the coordinator to get in touch */
    public const CONTACT = 'contact_me';

    /** @var string instrument */
    public readonly string $instrument;

    /** @var string version of the instrument */
    public readonly string $version;

    /** @var string language */
    public readonly string $language;

    /** @var string version that was asked for: another one only where that is missing here */
    public readonly string $wanted;

    /** @var string hash of the definition */
    public readonly string $sha256;

    /** @var array definition.schema.json */
    public readonly array $content;

    /**
     * Constructor.
     *
     * @param \stdClass $row of monitoringsession_definition
     * @param string|null $wanted version that was asked for, null = this one
     */
    public function __construct(\stdClass $row, ?string $wanted = null) {
        $this->instrument = $row->instrument;
        $this->version = $row->version;
        $this->wanted = $wanted ?? $row->version;
        $this->language = $row->language;
        $this->sha256 = $row->sha256;
        $this->content = json::decode($row->content);
    }

    /**
     * Stores a pushed definition.
     *
     * @param array $one instrument, version, language, sha256, content
     * @return bool whether it was new or changed
     */
    public static function store(array $one): bool {
        global $DB;
        $key = array_intersect_key($one, array_flip(['instrument', 'version', 'language']));
        $known = $DB->get_record('monitoringsession_definition', $key);
        if ($known && $known->sha256 === $one['sha256']) {
            return false;
        }
        if (!is_array(json_decode($one['content'], true))) {
            throw new \invalid_parameter_exception('content of ' . $one['instrument']);
        }
        $row = (object)($one + ['timemodified' => time()]);
        if ($known) {
            $row->id = $known->id;
            $DB->update_record('monitoringsession_definition', $row);
        } else {
            $DB->insert_record('monitoringsession_definition', $row);
        }
        return true;
    }

    /**
     * Sessions made before any form was known get the forms of their kind.
     */
    public static function give_to_sessions_without(): void {
        global $DB;
        $empty = $DB->sql_compare_text('instruments', 1);
        foreach ($DB->get_records_select('monitoringsession', "instruments IS NULL OR $empty = ''") as $row) {
            $instruments = self::usual($row->kind, (int)$row->course);
            if ($instruments) {
                $row->instruments = implode(',', $instruments);
                $row->timemodified = time();
                $transaction = $DB->start_delegated_transaction();
                $DB->update_record('monitoringsession', $row);
                session::tell($row, 'updated');
                $transaction->allow_commit();
            }
        }
    }

    /**
     * The newest definition of every instrument, in a language or else English or else any.
     *
     * @param string $language
     * @return self[] by instrument, in the order they were pushed
     */
    public static function newest(string $language): array {
        return self::in_versions([], $language);
    }

    /**
     * The definitions that a session uses, in its language or else English or else any.
     *
     * @param session $session
     * @return self[] by instrument, in the order they were pushed
     */
    public static function of_session(session $session): array {
        return self::in_versions(versions::of($session->row), $session->row->language);
    }

    /**
     * Every instrument's definition in a chosen version, the newest where none is chosen, or in place of one that is missing here.
     *
     * @param string[] $versions by instrument
     * @param string $language or else English or else any
     * @return self[] by instrument, in the order they were pushed
     */
    public static function in_versions(array $versions, string $language): array {
        global $DB;
        $best = [];
        $rank = fn(\stdClass $row): array => [
            $row->version === ($versions[$row->instrument] ?? '') ? 1 : 0,
            [$language => 2, 'en' => 1][$row->language] ?? 0,
        ];
        $columns = 'id, instrument, version, language';
        foreach ($DB->get_records('monitoringsession_definition', null, 'id', $columns) as $row) {
            $other = $best[$row->instrument] ?? null;
            $order = $other ? $rank($row) <=> $rank($other) ?: version_compare($row->version, $other->version) : 1;
            if ($order >= 0) {
                $best[$row->instrument] = $row;
            }
        }
        $full = $DB->get_records_list('monitoringsession_definition', 'id', array_column($best, 'id'));
        $chosen = fn(\stdClass $row): self => new self($full[$row->id], $versions[$row->instrument] ?? null);
        // What cannot be shown as a form is as good as not pushed.
        return array_filter(array_map($chosen, $best), fn(self $one) => !empty($one->content['items']));
    }

    /**
     * The definition with which a submission was made, in another language if need be, but never in another version.
     *
     * @param \stdClass $submission
     * @return self|null
     */
    public static function of_submission(\stdClass $submission): ?self {
        $one = self::closest($submission);
        return $one && !$one->missing() ? $one : null;
    }

    /**
     * The definition of a submission's form that is closest to its own.
     *
     * @param \stdClass $submission
     * @return self|null
     */
    public static function closest(\stdClass $submission): ?self {
        $versions = [$submission->instrument => $submission->instrumentversion];
        return self::in_versions($versions, $submission->language)[$submission->instrument] ?? null;
    }

    /**
     * What the form of a submission is called.
     *
     * @param \stdClass $submission
     * @return string
     */
    public static function title_of(\stdClass $submission): string {
        $one = self::closest($submission);
        return $one ? $one->title() : $submission->instrument;
    }

    /**
     * The instruments usual for a kind of session in a course.
     *
     * @param string $kind
     * @param int $course
     * @return string[]
     */
    public static function usual(string $kind, int $course): array {
        $known = self::in_versions(versions::of_course($course), 'en');
        return array_keys(array_filter($known, fn(self $one) => !$one->anonymous() && in_array($kind, $one->kinds())));
    }

    /**
     * Whether the version that was asked for is missing here.
     *
     * @return bool
     */
    public function missing(): bool {
        return $this->version !== $this->wanted;
    }

    /**
     * Title.
     *
     * @return string
     */
    public function title(): string {
        return (string)$this->content['title'];
    }

    /**
     * Introduction.
     *
     * @return string
     */
    public function intro(): string {
        return (string)$this->content['intro'];
    }

    /**
     * Who fills the form in.
     *
     * @return string mentee, mentor or coordinator
     */
    public function respondent(): string {
        return (string)$this->content['respondent'];
    }

    /**
     * Kinds of session in which it is filled in.
     *
     * @return string[]
     */
    public function kinds(): array {
        return (array)$this->content['sessions'];
    }

    /**
     * Whether one form serves all groups together.
     *
     * @return bool
     */
    public function for_course(): bool {
        return ($this->content['per'] ?? 'group') === 'course';
    }

    /**
     * Whether who answers must not be known: such forms are not offered here.
     *
     * @return bool
     */
    public function anonymous(): bool {
        return !empty($this->content['anonymous']);
    }

    /**
     * The instrument that a mentor fills in before reading this form, while the session is open.
     *
     * @return string empty when there is none
     */
    public function mentor_reads_after(): string {
        return $this->content['mentor_reads_after'] ?? '';
    }

    /**
     * The items in their order.
     *
     * @return array[] by id
     */
    public function items(): array {
        return array_column($this->content['items'], null, 'id');
    }

    /**
     * Whether the form can be filled in without anything carried over from elsewhere.
     *
     * @return bool
     */
    public function self_sufficient(): bool {
        $items = $this->items();
        foreach ($items as $item) {
            if (in_array($item['type'], ['carried_table', 'computed']) || isset($item['quotes'])) {
                return false;
            }
            foreach ([$item, ...($item['columns'] ?? [])] as $part) {
                if (isset($part['options_from']) && !isset($items[$part['options_from']])) {
                    return false;
                }
            }
        }
        return true;
    }

    /**
     * The items and columns whose options depend on data, such as the people of a group.
     *
     * @return string[] item, or table.column
     */
    public function choices_from_data(): array {
        $items = $this->items();
        $found = [];
        foreach ($items as $id => $item) {
            foreach ([$id => $item] + array_column($item['columns'] ?? [], null, 'id') as $part => $one) {
                if (isset($one['options_from']) && !isset($items[$one['options_from']])) {
                    $found[] = $part === $id ? $id : "$id.$part";
                }
            }
        }
        return $found;
    }

    /**
     * Whether it is a mentee's own form, that goes with them to another group: it asks nothing about the others of a group.
     *
     * What can be chosen among the mentee's own things, named own_…, goes with them too.
     *
     * @return bool
     */
    public function personal(): bool {
        $items = $this->items();
        foreach ($items as $item) {
            foreach ([$item, ...($item['columns'] ?? [])] as $part) {
                $source = $part['options_from'] ?? '';
                if ($source !== '' && !isset($items[$source]) && !str_starts_with($source, 'own_')) {
                    return false;
                }
            }
        }
        return $this->respondent() === 'mentee' && !$this->for_course();
    }

    /**
     * Whether the answers ask the coordinator to get in touch.
     *
     * @param array $answers
     * @return bool
     */
    public function asks_for_contact(array $answers): bool {
        return isset($this->items()[self::CONTACT]) && ($answers[self::CONTACT] ?? false) === true;
    }
}
