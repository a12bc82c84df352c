-- Deploy mqk:lab/studies to pg
-- requires: lab/proofs

begin;

set local role mqk_owner;

create table lab.derivations (
    dataset_id  uuid    not null,
    source_id   uuid    not null,
    change_kind text    not null,
    first_tick  integer not null,
    last_tick   integer not null,

    constraint derivations_pkey primary key (dataset_id),
    constraint derivations_are_made_once unique (source_id, change_kind, first_tick, last_tick),
    constraint derivations_dataset_id_fkey foreign key (dataset_id)
        references lab.datasets on delete restrict deferrable initially deferred,
    constraint derivations_source_id_fkey foreign key (source_id)
        references lab.datasets on delete restrict,
    constraint derivations_kind_is_known check (
        change_kind in ('SLICE', 'GAPS', 'BEAR', 'WILD')),
    constraint derivations_take_ticks_in_order check (1 <= first_tick and first_tick < last_tick)
);

create table lab.studies (
    study_id    uuid        not null,
    study_kind  text        not null,
    backtest_id uuid        not null,
    config_hash text        not null,
    data_sha256 text        not null,
    terms       jsonb       not null,
    begun_by    text        not null,
    begun_at    timestamptz not null,

    constraint studies_pkey primary key (study_id),
    constraint studies_are_of_their_backtest unique (study_id, backtest_id),
    constraint studies_kind_is_known check (
        study_kind in ('STRESS', 'WALK_FORWARD', 'CROSS_VALIDATION', 'MONTE_CARLO')),
    constraint studies_backtest_fkey foreign key (backtest_id, config_hash)
        references lab.backtests (backtest_id, config_hash) on delete restrict,
    constraint studies_hash_is_sha256 check (data_sha256 ~ '^[0-9a-f]{64}$')
);

create index studies_backtest_idx on lab.studies (backtest_id, config_hash);

create table lab.steps (
    study_id    uuid    not null,
    step_no     integer not null,
    fold_no     integer not null,
    step_part   text    not null,
    scenario    text    not null,
    choice_no   integer not null,
    backtest_id uuid    not null,

    constraint steps_pkey primary key (study_id, step_no),
    constraint steps_are_planned_once unique (study_id, fold_no, step_part, scenario, choice_no),
    constraint steps_study_id_fkey foreign key (study_id) references lab.studies on delete restrict,
    constraint steps_backtest_id_fkey foreign key (backtest_id)
        references lab.backtests on delete restrict,
    constraint steps_part_is_known check (step_part in ('SCENARIO', 'TRAIN', 'TEST'))
);

create index steps_backtest_idx on lab.steps (backtest_id);

create table lab.results (
    study_id uuid    not null,
    step_no  integer not null,
    is_ok    boolean not null,
    measures jsonb   not null,

    constraint results_pkey primary key (study_id, step_no),
    constraint results_step_fkey foreign key (study_id, step_no)
        references lab.steps on delete restrict
);

create table lab.outcomes (
    study_id  uuid        not null,
    is_passed boolean     not null,
    measures  jsonb       not null,
    ended_at  timestamptz not null,

    constraint outcomes_pkey primary key (study_id),
    constraint outcomes_study_id_fkey foreign key (study_id)
        references lab.studies on delete restrict
);

create table lab.parities (
    backtest_id uuid        not null,
    run_id      uuid        not null,
    digest      text        not null,
    last_seq    bigint      not null,
    differences integer     not null,
    judged_at   timestamptz not null,

    constraint parities_pkey primary key (backtest_id, run_id, last_seq),
    constraint parities_backtest_id_fkey foreign key (backtest_id)
        references lab.backtests on delete restrict,
    constraint parities_run_id_fkey foreign key (run_id)
        references run.runs on delete restrict,
    constraint parities_count_differences check (differences >= 0)
);

create index parities_run_idx on lab.parities (run_id);

create table lab.rehearsals (
    backtest_id      uuid        not null,
    build            text        not null,
    digest           text        not null,
    run_id           uuid        not null,
    acts             bigint      not null,
    acts_sha256      text        not null,
    differences      bigint      not null,
    verdict          text        not null generated always as (
        case differences when 0 then 'SAME' else 'DIFFERENT' end) stored,
    first_difference text,
    rehearsed_by     text        not null,
    rehearsed_at     timestamptz not null,

    constraint rehearsals_pkey primary key (backtest_id, build),
    constraint rehearsals_have_one_verdict unique (backtest_id, build, digest, verdict),
    constraint rehearsals_result_fkey foreign key (backtest_id, digest)
        references lab.backtests (backtest_id, digest) on delete restrict,
    constraint rehearsals_hashes_are_sha256 check (
        build ~ '^[0-9a-f]{64}$' and acts_sha256 ~ '^[0-9a-f]{64}$'),
    constraint rehearsals_end_with_an_act check (acts > 0),
    constraint rehearsals_name_what_they_found check (
        differences >= 0 and (differences = 0) = (first_difference is null))
);

create index rehearsals_result_idx on lab.rehearsals (backtest_id, digest);

create table lab.promotions (
    promotion_id   uuid        not null,
    backtest_id    uuid        not null,
    profile        text        not null,
    reasons        text[]      not null,
    is_promoted    boolean     not null generated always as (cardinality(reasons) = 0) stored,
    measures       jsonb       not null,
    score          numeric,
    config_hash    text        not null,
    data_sha256    text        not null,
    digest         text        not null,
    build          text        not null,
    code_sha256    text,
    proof_cuts     integer,
    proof_seed     integer,
    proof_verdict  text        generated always as (
        case when cardinality(reasons) = 0 then 'CLEAN' end) stored,
    rehearsal_verdict text     generated always as (
        case when cardinality(reasons) = 0 then 'SAME' end) stored,
    strategy_id    text        not null,
    strategy_version text,
    audit_seq      bigint      not null,
    audit_hash     text        not null,
    live_id        uuid        generated always as (
        case when cardinality(reasons) = 0 and profile = 'MAIN' then promotion_id end) stored,
    judged_by      text        not null,
    judged_at      timestamptz not null,

    constraint promotions_pkey primary key (promotion_id),
    constraint promotions_backtest_fkey foreign key (backtest_id, config_hash)
        references lab.backtests (backtest_id, config_hash) on delete restrict,
    constraint promotions_live_id_fkey foreign key (live_id)
        references run.artifacts on delete restrict deferrable initially deferred,
    constraint promotions_proof_fkey foreign key (
        backtest_id, proof_cuts, proof_seed, proof_verdict, code_sha256, config_hash, data_sha256)
        references lab.proofs (
        backtest_id, cuts, seed, verdict, code_sha256, config_hash, data_sha256) on delete restrict,
    constraint promotions_rehearsal_fkey foreign key (backtest_id, build, digest, rehearsal_verdict)
        references lab.rehearsals (backtest_id, build, digest, verdict) on delete restrict,
    constraint promotions_name_a_proof check (
        cardinality(reasons) > 0 or num_nulls(code_sha256, proof_cuts, proof_seed) = 0),
    constraint promotions_profile_is_known check (profile in ('MAIN', 'EXP')),
    constraint promotions_have_a_score check (
        cardinality(reasons) > 0
        or coalesce(score not in ('NaN', 'Infinity', '-Infinity'), false)),
    constraint promotions_name_a_version check (
        cardinality(reasons) > 0 or strategy_version is not null),
    constraint promotions_hashes_are_sha256 check (
        config_hash ~ '^[0-9a-f]{64}$' and data_sha256 ~ '^[0-9a-f]{64}$'
        and digest ~ '^[0-9a-f]{64}$' and build ~ '^[0-9a-f]{64}$'
        and audit_hash ~ '^[0-9a-f]{64}$'),
    constraint promotions_rest_on_a_diary check (cardinality(reasons) > 0 or audit_seq > 0)
);

create index promotions_backtest_idx on lab.promotions (backtest_id, config_hash);
create index promotions_proof_idx on lab.promotions (
    backtest_id, proof_cuts, proof_seed, proof_verdict, code_sha256, config_hash, data_sha256);
create index promotions_rehearsal_idx on lab.promotions (backtest_id, build, digest, rehearsal_verdict);
create index promotions_live_idx on lab.promotions (live_id);

create type lab.stretch as (
    change_kind text,
    first_tick  integer,
    last_tick   integer
);

comment on type lab.stretch is
    $$A part of a dataset, in ticks from first to last, and what is done to it.$$;
comment on table lab.derivations is
    $$Datasets that were made of another: a slice of it, or with its prices changed.$$;
comment on table lab.studies is
    $$What is asked of a backtest beside itself: a battery of stress, walk-forward, cross-validation, Monte
Carlo. Bound to the hashes of its config and its data.$$;
comment on table lab.steps is $$The backtests of a study, in the order in which they are run.$$;
comment on column lab.steps.choice_no is $$Which of the parameters of the study's terms; 0: the config's.$$;
comment on table lab.results is $$What a step of a study gave.$$;
comment on table lab.outcomes is $$How a study ended, with the numbers it was judged by.$$;
comment on table lab.parities is
    $$How many acts of a run differ from a backtest's; differences = 0: the two paths are one.$$;
comment on column lab.parities.last_seq is $$The last event of the run's chain when they were compared.$$;
comment on table lab.rehearsals is
    $$That a backtest was played through the doors of the desk by a program, in a database of its own, and
in how many acts that differed; what is carried here is compared here.$$;
comment on column lab.rehearsals.run_id is $$The run of the rehearsal: it follows from the backtest.$$;
comment on table lab.promotions is
    $$Every judgement of a promotion, with the numbers it saw; no reasons: it is promoted.$$;
comment on column lab.promotions.live_id is $$The artifact of run that a promotion to MAIN brings.$$;
comment on column lab.promotions.proof_cuts is
    $$With proof_seed: the proof that this code did not look ahead on these data.$$;
comment on column lab.promotions.audit_seq is $$The last event of chain DESK, which held up to there.$$;

commit;
