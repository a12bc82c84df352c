-- Deploy mqk:ops/actions to pg
-- requires: run/runs

begin;

set local role mqk_owner;

create table ops.operator_actions (
    action_id  bigint      not null generated always as identity,
    action     text        not null,
    engine_id  text,
    run_id     uuid,
    actor      text        not null,
    outcome    text        not null,
    error_code text,
    detail     text        not null,
    arguments  jsonb       not null,
    acted_at   timestamptz not null,

    constraint operator_actions_pkey primary key (action_id),
    constraint operator_actions_run_id_fkey foreign key (run_id)
        references run.runs on delete restrict,
    constraint operator_actions_error_code_fkey foreign key (error_code)
        references core.error_codes on delete restrict,
    constraint operator_actions_outcome_is_known check (outcome in ('DONE', 'REFUSED')),
    constraint operator_actions_that_are_refused_name_a_law check (
        (outcome = 'REFUSED') = (error_code is not null)),
    constraint operator_actions_action_is_known check (action in (
        'CREATE', 'APPROVE', 'ARM', 'BEGIN', 'STOP', 'HALT', 'FLATTEN', 'CLEAR_HALTED', 'CANCEL',
        'CLEAR_DAY_TRADER', 'CHANGE_MODE', 'RESOLVE_DEFECT',
        'TOKEN_ISSUE', 'TOKEN_ROTATE', 'TOKEN_REVOKE', 'TOKEN_CHECK', 'SCOPE'))
);

create index operator_actions_run_idx on ops.operator_actions (run_id, action_id);
create index operator_actions_error_idx on ops.operator_actions (error_code);

comment on table ops.operator_actions is
    $$Everything a person asked this desk to do, refused things too; append-only.$$;

commit;
