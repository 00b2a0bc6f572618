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

    /** @var string hash of the definition */
    public readonly string $sha256;

    /** @var array definition.schema.json */
    public readonly array $content;

    /**
     * Constructor.
     *
     * @param \stdClass $row of monitoringsession_definition
     */
    public function __construct(\stdClass $row) {
        $this->instrument = $row->instrument;
        $this->version = $row->version;
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
            $instruments = self::usual($row->kind);
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
        global $DB;
        $best = [];
        $rank = fn(string $one): int => [$language => 2, 'en' => 1][$one] ?? 0;
        foreach ($DB->get_records('monitoringsession_definition', null, 'id') as $row) {
            $other = $best[$row->instrument] ?? null;
            $newer = !$other || $rank($row->language) > $rank($other->language)
                || ($row->language === $other->language && version_compare($row->version, $other->version) >= 0);
            if ($newer) {
                $best[$row->instrument] = $row;
            }
        }
        // What cannot be shown as a form is as good as not pushed.
        return array_filter(array_map(fn($row) => new self($row), $best), fn(self $one) => !empty($one->content['items']));
    }

    /**
     * The definition with which a submission was made, or the closest there is.
     *
     * @param \stdClass $submission
     * @return self|null
     */
    public static function of_submission(\stdClass $submission): ?self {
        global $DB;
        $row = $DB->get_record('monitoringsession_definition', [
            'instrument' => $submission->instrument,
            'version' => $submission->instrumentversion,
            'language' => $submission->language,
        ]);
        $one = $row ? new self($row) : null;
        return !empty($one->content['items']) ? $one : self::newest($submission->language)[$submission->instrument] ?? null;
    }

    /**
     * The instruments usual for a kind of session.
     *
     * @param string $kind
     * @return string[]
     */
    public static function usual(string $kind): array {
        $usual = array_filter(self::newest('en'), fn(self $one) => !$one->anonymous() && in_array($kind, $one->kinds()));
        return array_keys($usual);
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
     * Whether the answers ask the coordinator to get in touch.
     *
     * @param array $answers
     * @return bool
     */
    public function asks_for_contact(array $answers): bool {
        return isset($this->items()[self::CONTACT]) && ($answers[self::CONTACT] ?? false) === true;
    }
}
