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
 * Comfort for the form: saves the draft every so often, opens spare rows, names goals in lists that refer to them.
 *
 * Without it the form works all the same: every row is shown, and the draft is saved by its button.
 *
 * @module     mod_monitoringsession/answers
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
define(['core/ajax', 'core/str', 'core_form/changechecker'], function(Ajax, Str, ChangeChecker) {
    'use strict';

    /** Milliseconds without typing after which the draft is saved. */
    var PAUSE = 5000;

    /**
     * The form as text.
     *
     * @param {HTMLFormElement} form
     * @returns {string}
     */
    var fields = function(form) {
        return new URLSearchParams(new FormData(form)).toString();
    };

    /**
     * The form as text, as the server made it: without what was typed since, also before this script had loaded.
     *
     * @param {HTMLFormElement} form
     * @returns {string}
     */
    var fieldsAsServed = function(form) {
        var served = form.cloneNode(true);
        served.reset();
        return fields(served);
    };

    /**
     * Saves the draft while somebody is writing.
     *
     * @param {HTMLFormElement} form
     */
    var saveAsYouGo = function(form) {
        var revision = form.elements.namedItem('revision');
        var status = document.querySelector('[data-region="monitoringsession-saved"]');
        var last = fieldsAsServed(form);
        var timer = null;
        var busy = false;
        var leaving = false;

        var save = function() {
            var now = fields(form);
            if (busy) {
                // What was typed meanwhile is for the next time.
                soon();
                return;
            }
            if (leaving || now === last) {
                return;
            }
            busy = true;
            Ajax.call([{
                methodname: 'mod_monitoringsession_save_draft',
                args: {
                    cmid: parseInt(form.elements.namedItem('id').value, 10),
                    instrument: form.elements.namedItem('instrument').value,
                    group: parseInt(form.elements.namedItem('group').value, 10),
                    revision: parseInt(revision.value, 10),
                    fields: now
                }
            }])[0].then(function(answer) {
                busy = false;
                if (!answer.revision) {
                    // Another window saved in between: the server says so when this one is sent.
                    leaving = true;
                    return null;
                }
                revision.value = answer.revision;
                // Not what the form holds now: somebody may have typed on while this was sent.
                var sent = new URLSearchParams(now);
                sent.set('revision', answer.revision);
                last = sent.toString();
                if (fields(form) === last) {
                    ChangeChecker.resetFormDirtyState(form);
                }
                return Str.get_string('savedjustnow', 'mod_monitoringsession').then(function(text) {
                    status.textContent = text;
                    return text;
                });
            }).catch(function() {
                // Offline or signed out: the next change tries again, and the button always works.
                busy = false;
            });
        };
        var soon = function() {
            clearTimeout(timer);
            timer = setTimeout(save, PAUSE);
        };
        if (fields(form) !== last) {
            // Nobody heard these keys; Moodle's warning at leaving the page has not heard them either.
            ChangeChecker.markFormAsDirty(form);
            soon();
        }
        form.addEventListener('input', soon);
        form.addEventListener('change', soon);
        form.addEventListener('submit', function(event) {
            if (busy) {
                // The number of the draft is about to change: send the form when it has.
                event.preventDefault();
                var button = event.submitter;
                var wait = setInterval(function() {
                    if (!busy) {
                        clearInterval(wait);
                        form.requestSubmit(button);
                    }
                }, 50);
                return;
            }
            leaving = true;
            clearTimeout(timer);
        });
    };

    /**
     * Hides spare rows behind a button.
     *
     * @param {HTMLFormElement} form
     */
    var openRowsOneByOne = function(form) {
        form.querySelectorAll('[data-table]').forEach(function(table) {
            var button = table.querySelector('[data-action="addrow"]');
            if (!button) {
                return;
            }
            var spare = Array.from(table.querySelectorAll('[data-spare]'));
            spare = spare.filter(function(row) {
                return !row.querySelector('.is-invalid, .has-danger');
            });
            spare.forEach(function(row) {
                row.classList.add('d-none');
            });
            button.classList.toggle('d-none', !spare.length);
            button.addEventListener('click', function() {
                var row = spare.shift();
                row.classList.remove('d-none');
                button.classList.toggle('d-none', !spare.length);
                var first = row.querySelector('input:not([type=hidden]), textarea, select');
                if (first) {
                    first.focus();
                }
            });
        });
    };

    /**
     * Keeps lists whose options are rows of a table in step with what is typed there.
     *
     * @param {HTMLFormElement} form
     */
    var nameRows = function(form) {
        form.querySelectorAll('select[data-options-from]').forEach(function(select) {
            var table = form.querySelector('[data-table="' + select.dataset.optionsFrom + '"]');
            if (!table) {
                return;
            }
            var unnamed = {};
            Array.from(select.options).forEach(function(option) {
                unnamed[option.value] = option.textContent;
            });
            var update = function() {
                table.querySelectorAll('[data-row]').forEach(function(row) {
                    var option = select.querySelector('option[value="r' + row.dataset.row + '"]');
                    var field = row.querySelector('input:not([type=hidden]), textarea');
                    if (option && field) {
                        var text = field.value.trim();
                        option.textContent = text ? row.dataset.row + '. ' + text.slice(0, 60) : unnamed[option.value];
                        option.disabled = !text && !option.selected;
                    }
                });
            };
            table.addEventListener('input', update);
            update();
        });
    };

    return {
        /**
         * Begins.
         *
         * @param {string} id of the form
         */
        init: function(id) {
            var form = document.getElementById(id);
            if (form) {
                openRowsOneByOne(form);
                nameRows(form);
                saveAsYouGo(form);
            }
        }
    };
});
