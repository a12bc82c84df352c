-- Deploy mqk:md/actions to pg
-- requires: ref/instruments

begin;

set local role mqk_owner;

create table md.corporate_actions (
    action_id     uuid        not null,
    symbol        text        not null,
    action_kind   text        not null,
    ex_on         date        not null,
    effective_at  timestamptz not null,
    ratio_num     bigint      not null,
    ratio_den     bigint      not null,
    amount_micros bigint      not null,
    record_on     date,
    pay_on        date,
    pay_at        timestamptz,
    cancels_id    uuid,
    announced_at  timestamptz not null,
    source        text        not null,
    source_sha256 text        not null,
    line_no       bigint      not null,
    loaded_by     text        not null,
    loaded_at     timestamptz not null,

    constraint corporate_actions_pkey primary key (action_id),
    constraint corporate_actions_terms_are_addressable unique (
        action_id, symbol, action_kind, effective_at, ratio_num, ratio_den, amount_micros),
    constraint corporate_actions_symbol_is_addressable unique (action_id, symbol),
    constraint corporate_actions_are_cancelled_once unique (cancels_id),
    constraint corporate_actions_cancel_one_of_their_symbol foreign key (cancels_id, symbol)
        references md.corporate_actions (action_id, symbol) on delete restrict,
    constraint corporate_actions_symbol_fkey foreign key (symbol)
        references ref.instruments on delete restrict,
    constraint corporate_actions_kind_is_known check (
        action_kind in ('SPLIT', 'CASH_DIVIDEND', 'CANCEL')),
    constraint corporate_actions_split_by_a_ratio check (
        least(ratio_num, ratio_den) >= 1 and greatest(ratio_num, ratio_den) <= 10000
        and gcd(ratio_num, ratio_den) = 1
        and (action_kind = 'SPLIT') = (ratio_num <> ratio_den)),
    constraint corporate_actions_pay_an_amount check (
        amount_micros between 0 and 1000000000000
        and (action_kind = 'CASH_DIVIDEND') = (amount_micros > 0)),
    constraint corporate_actions_pay_on_a_day check (
        num_nulls(pay_on, pay_at) = case action_kind when 'CASH_DIVIDEND' then 0 else 2 end
        and (record_on is null or action_kind = 'CASH_DIVIDEND')
        and pay_on >= ex_on and pay_at >= effective_at),
    constraint corporate_actions_that_only_cancel_name_what check (
        action_kind <> 'CANCEL' or cancels_id is not null),
    constraint corporate_actions_are_known_once_announced check (announced_at <= loaded_at),
    constraint corporate_actions_hash_is_sha256 check (source_sha256 ~ '^[0-9a-f]{64}$')
);

create index corporate_actions_symbol_idx on md.corporate_actions (symbol, effective_at);

create table md.cleared_jumps (
    symbol     text        not null,
    session_on date        not null,
    reason     text        not null,
    cleared_by text        not null,
    cleared_at timestamptz not null,

    constraint cleared_jumps_pkey primary key (symbol, session_on),
    constraint cleared_jumps_symbol_fkey foreign key (symbol)
        references ref.instruments on delete restrict,
    constraint cleared_jumps_have_a_reason check (length(reason) between 1 and 500)
);

comment on table md.cleared_jumps is
    $$Jumps between two sessions of which a person has said that they are no split; append-only.$$;
comment on table md.corporate_actions is
    $$Splits and cash dividends as they were announced; append-only. A correction is a row that cancels
    the one before.$$;
comment on column md.corporate_actions.ex_on is
    $$First session in which the symbol trades without the dividend, or in new shares.$$;
comment on column md.corporate_actions.effective_at is
    $$Midnight of ex_on where the exchange is: what is held then is what the action is about.$$;
comment on column md.corporate_actions.ratio_num is
    $$New shares for ratio_den old ones, in lowest terms; 1 for what is no split.$$;
comment on column md.corporate_actions.amount_micros is $$Micros a share; 0 for what is no dividend.$$;
comment on column md.corporate_actions.announced_at is
    $$When it could be known; nothing as of an earlier time sees it.$$;

commit;
